/** The sampler on a real director: under load, while it is flooded, and over its restart. One lab, two to three minutes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { loadCluster } from '../../lib/config/load.ts';
import type { VirtualService } from '../../lib/model/cluster.ts';
import type { Sampling, TableSample } from '../../lib/model/sampling.ts';
import { startSampler } from '../../lib/sampling/sampler.ts';
import { connectFleet } from '../../lib/ssh/fleet.ts';
import type { Fleet, Host } from '../../lib/ssh/host.ts';
import { labUp, onHost, run, skipWithoutLab } from './product.ts';

const lab = 'sampling-test';
const vip = '192.168.122.100';
const requests = 120;
/** SYNs of the flood: it stays inside the lab, whose networks have no way out. */
const flooded = 15_000;

/** So many requests, one connection each, eight at a time. */
const requestsProgram = `
const http = require('node:http');
let left = ${requests};
const next = () => {
  if (left-- <= 0) return;
  http.get({ host: '${vip}', port: 80, agent: false }, (answer) => answer.resume().on('close', next)).on('error', next);
};
for (let i = 0; i < 8; i++) next();
`;

/** Begins so many connections and goes away at once: the director keeps an entry in SYN_RECV of each. */
const floodProgram = `
const net = require('node:net');
let left = ${flooded};
const burst = () => {
  for (let i = 0; i < 200 && left > 0; i++, left--) {
    const socket = net.connect({ host: '${vip}', port: 80 });
    socket.on('error', () => undefined);
    // Once the SYN is sent, and before anything can have come back.
    process.nextTick(() => socket.destroy());
  }
  if (left > 0) setTimeout(burst, 20);
};
burst();
`;

describe('lab: the sampler', function () {
  this.timeout(180_000);
  let fleet: Fleet;
  let director: Host;
  let service: VirtualService;
  let clusterFile = '';
  const abort = new AbortController();

  before(async function () {
    skipWithoutLab(this);
    clusterFile = await labUp(lab);
    const cluster = await loadCluster(clusterFile);
    fleet = connectFleet(cluster, { signal: abort.signal });
    director = await fleet.host('director1');
    const [web] = cluster.virtualServices;
    if (web === undefined) throw new Error('the lab has no service');
    service = web;
    await addRules();
  });

  after(async () => {
    if (clusterFile !== '') await fleet.close();
    abort.abort();
    await run(['lab', 'down', '--name', lab]);
  });

  const addRules = () =>
    onHost(
      lab,
      'root@director1',
      [
        `ipvsadm -A -t ${vip}:80 -s rr`,
        ...[10, 20, 30].map((last) => `ipvsadm -a -t ${vip}:80 -r 10.10.10.${last}:80 -m`),
      ].join(' && '),
    );
  const inClient = async (program: string) => {
    const ended = await run(['lab', 'exec', '--name', lab, '--', process.execPath, '-e', program]);
    expect(ended.code, ended.stderr).to.equal(0);
  };
  const sample = async (work: () => Promise<unknown>, onSample?: (sample: TableSample) => void): Promise<Sampling> => {
    const signal = new AbortController().signal;
    const sampler = await startSampler(director, service, {
      signal,
      ...(onSample === undefined ? {} : { onSample }),
    });
    const zeroAtMs = performance.now();
    try {
      await work();
    } catch (error) {
      await sampler.stop({ zeroAtMs, settleMs: 0 });
      throw error;
    }
    return sampler.stop({ zeroAtMs });
  };
  const highestLevel = ({ levels }: Sampling) =>
    Math.max(
      ...(levels?.rows.map(([, ...entries]) => entries.reduce<number>((sum, value) => sum + (value ?? 0), 0)) ?? []),
    );

  it('has rows, levels and counters of a load, within its budget', async () => {
    const sampling = await sample(() => inClient(requestsProgram));
    expect(sampling.gaps).to.deep.equal([]);
    expect(sampling.counters.reduce((sum, { connections }) => sum + connections, 0)).to.equal(requests);
    const last = sampling.samples.at(-1);
    expect(last?.counts.reduce((sum, { entries }) => sum + entries, 0)).to.equal(requests);
    expect(new Set(last?.counts.map(({ destination }) => destination)).size).to.equal(3);
    expect(highestLevel(sampling)).to.equal(requests);
    expect(sampling.levels?.totals.at(-1)?.[1]).to.equal(requests);
    expect(sampling.costShare).to.be.below(0.04);
    expect(sampling.partlyRead).to.equal(undefined);
  });

  it('is watched with a command, as lines and as records', async () => {
    const text = await run(['watch', '-i', clusterFile, '--for', '5s']);
    expect(text.code, text.stderr).to.equal(0);
    expect(text.stdout).to.match(/^\S+ director1 web rs2 10\.10\.10\.20:80 active \d+ inactive \d+ /m);
    const records = await run(['watch', '-i', clusterFile, '--for', '5s', '--json']);
    const tables = records.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; services: { destinations: unknown[] }[] });
    expect(tables.length).to.be.above(1);
    expect(tables[0]).to.include({ type: 'table', host: 'director1', extent: 'whole' });
    expect(tables[0]?.services[0]?.destinations).to.have.lengthOf(3);
  });

  it('marks the restart of the director, and goes on', async () => {
    let after: () => void = () => undefined;
    const back = new Promise<void>((resolve) => {
      after = resolve;
    });
    let resetMs = Infinity;
    const sampling = await sample(
      async () => {
        await sleep(2000);
        const reset = await run(['lab', 'power', 'reset', 'director1', '--name', lab]);
        expect(reset.code, reset.stderr).to.equal(0);
        await addRules();
        resetMs = performance.now();
        await inClient(requestsProgram);
        const deadline = sleep(90_000, undefined, { ref: false }).then(() => {
          throw new Error('no sample within 90 s of the restart');
        });
        await Promise.race([back, deadline]);
      },
      ({ atMs, counts }) => {
        if (atMs > resetMs && counts.length > 0) after();
      },
    );
    expect(sampling.gaps).to.have.lengthOf(1);
    const [gap] = sampling.gaps;
    expect(gap?.reason).to.contain('director1 was started anew');
    expect((gap?.toMs ?? 0) - (gap?.fromMs ?? 0)).to.be.above(3000);
    expect(sampling.restartsMs).to.have.lengthOf(1);
    expect(sampling.samples.filter(({ atMs }) => atMs < (gap?.fromMs ?? 0) + 1)).not.to.deep.equal([]);
    expect(sampling.samples.filter(({ atMs }) => atMs >= (gap?.toMs ?? Infinity))).not.to.deep.equal([]);
    expect(sampling.counters).to.deep.equal([]);
    expect(sampling.countersProblem).to.contain('started anew');
  });

  it('stays within its budget while the table grows under a flood, and sees it', async () => {
    const sampling = await sample(async () => {
      await Promise.all([inClient(floodProgram), sleep(20_000)]);
    });
    expect(highestLevel(sampling)).to.be.above(flooded / 3);
    const readings = [...sampling.samples, ...(sampling.partlyRead?.samples ?? [])];
    const halfOpen = readings.map(({ counts }) =>
      counts.reduce((sum, { state, entries }) => sum + (state === 'SYN_RECV' ? entries : 0), 0),
    );
    expect(Math.max(...halfOpen)).to.be.above(1000);
    expect(sampling.costShare).to.be.below(0.04);
  });
});
