/** The models of lib/distribution against a real kernel: what they promise is what its schedulers do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect } from 'chai';
import { judgeDistribution } from '../../lib/distribution/judge.ts';
import type { DistributionInput, LoadConditions } from '../../lib/distribution/input.ts';
import type { Distribution } from '../../lib/model/distribution.ts';
import { parseDestinationCounters } from '../../lib/parse/destination-counters.ts';
import { parseDestinationOrder } from '../../lib/parse/destination-order.ts';
import { changedCopy, labUp, onHost, record, run, skipWithoutLab } from './product.ts';
import type { ClientPlan, SeenConnection } from './schedulers/client.ts';
import { type Trial, trials } from './schedulers/trials.ts';

const lab = 'schedulers-test';
const vip = '192.168.122.100';
const rips = ['10.10.10.10', '10.10.10.20', '10.10.10.30'] as const;
const names = ['rs1', 'rs2', 'rs3'] as const;
/** Addresses of nobody, all of them at home in the client's network. */
const pool = '10.99.0.0/22';
const client = fileURLToPath(new URL('schedulers/client.ts', import.meta.url));
/** A service of its own for each trial: destinations begin with no connections. */
const portOf = (trial: Trial) => 8001 + trials.indexOf(trial);
const sourcesOf = ({ sources }: Trial) =>
  Array.from({ length: sources }, (_, index) => `10.99.${1 + Math.floor(index / 200)}.${10 + (index % 200)}`);

describe('schedulers of a real kernel', function () {
  // 33 services one after another, and two runs of the product.
  this.timeout(360_000);
  let out = '';
  let clusterFile = '';
  const seen = new Map<Trial, readonly SeenConnection[]>();
  let counters = '';
  let table = '';

  const director = (line: string) => onHost(lab, 'root@director1', line);

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-schedulers-'));
    clusterFile = await labUp(lab);
    await inClient(['ip', 'route', 'add', 'local', pool, 'dev', 'lo']);
    await director(`ip route add ${pool} via 192.168.122.1`);
    await director(`ipvsadm -R <<'END'\n${trials.flatMap(rules).join('\n')}\nEND`);
    const quiesced = trials.flatMap((trial) =>
      trial.quiesce === undefined ? [] : [destination(trial, trial.quiesce, '-e', 0)],
    );
    await director(quiesced.map((line) => `ipvsadm ${line}`).join(' && '));
    const driven = await drive(trials);
    for (const [index, trial] of trials.entries()) seen.set(trial, driven[index] ?? []);
    // Linux sums the counters up every 2 s (ip_vs_est.c).
    [counters = '', table = ''] = (
      await director('sleep 2.3; ipvsadm -Ln --stats --exact; echo ====; cat /proc/net/ip_vs')
    ).split('====\n');
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
    const rows = [...verdicts].map(([trial, judged]) => row(trial, judged));
    process.stdout.write(`${rows.join('\n')}\n`);
  });

  const verdicts = new Map<Trial, Distribution>();

  for (const trial of trials) {
    it(`${trial.name}: ${trial.outcome}`, () => {
      const judged = judgeDistribution(input(trial, seen.get(trial) ?? []));
      verdicts.set(trial, judged);
      const said = JSON.stringify({ ...judged, bounds: judged.bounds });
      expect(judged.outcome, said).to.equal(trial.outcome);
      expect(judged.method, said).to.equal(trial.method);
      if (trial.reason !== undefined) expect(judged.reason).to.match(trial.reason);
      if (trial.outcome !== 'pass') return;
      for (const [name, [low, high]] of Object.entries(judged.bounds ?? {})) {
        // The tolerance of lib/distribution/input.ts.
        expect(judged.observed[name], said).to.be.within(low - 0.01, high + 0.01);
      }
    });
  }

  it('of a run: rs2 at half its weight fails, and one address under persistence is untestable', async () => {
    await director(`ipvsadm -C; ipvsadm -R <<'END'\n${service('wrr', [2, 1, 2])}\nEND`);
    const declared = await copy('scheduler: wrr', 2);
    const unbalanced = record(await run(['distribution', '-i', declared, '--out', out, '--json']));
    expect(unbalanced.distribution[0]).to.include({ outcome: 'fail', method: 'exact' });
    expect(unbalanced.verdict).to.equal('fail');
    await director(`ipvsadm -C; ipvsadm -R <<'END'\n${service('rr -p 300', [1, 1, 1])}\nEND`);
    const persistent = await copy('scheduler: rr\n    persistence: 300', 1);
    const untold = record(await run(['distribution', '-i', persistent, '--out', out, '--json']));
    expect(untold.distribution[0]).to.include({ outcome: 'error', method: 'untestable' });
    expect(untold.distribution[0]?.reason).to.match(/^not testable from one source address/);
    expect(untold.verdict).to.equal('inconclusive');
  });

  function copy(scheduler: string, weight: number): Promise<string> {
    return changedCopy(clusterFile, join(out, 'cluster.yaml'), (text) =>
      text.replace('scheduler: rr', scheduler).replaceAll('weight: 1', `weight: ${weight}`),
    );
  }

  function service(scheduler: string, weights: readonly number[]): string {
    const lines = weights.map((weight, index) => `-a -t ${vip}:80 -r ${rips[index] ?? ''}:80 -m -w ${weight}`);
    return [`-A -t ${vip}:80 -s ${scheduler}`, ...lines].join('\n');
  }

  function input(trial: Trial, connections: readonly SeenConnection[]): DistributionInput {
    const listed = parseDestinationCounters(counters, 'TCP', `${vip}:${portOf(trial)}`) ?? [];
    const order = parseDestinationOrder(table, { vip, port: portOf(trial), protocol: 'tcp' }) ?? [];
    const nameOf = (endpoint: string) => names[rips.findIndex((rip) => endpoint === `${rip}:80`)] ?? endpoint;
    return {
      service: trial.name,
      scheduler: trial.scheduler,
      ...(trial.flags === undefined ? {} : { flags: trial.flags }),
      persistenceS: trial.persistenceS ?? 0,
      vip,
      destinations: names.map((name, index) => ({
        name,
        weight: trial.weights[index] ?? 0,
        address: rips[index] ?? '',
        port: 80,
        ...(index === 1 && trial.upper !== undefined ? { upper: trial.upper } : {}),
      })),
      kernelOrder: order.map(nameOf),
      counts: Object.fromEntries(listed.map(({ destination: one, connections: count }) => [nameOf(one), count])),
      basis: 'director-counters',
      driven: trial.connections,
      sources: connections.flatMap(({ source, port, server }) =>
        server === undefined ? [] : [{ address: source, port, counts: { [server]: 1 } }],
      ),
      conditions: conditions(trial, connections),
    };
  }
});

function rules(trial: Trial): readonly string[] {
  const { scheduler, flags, persistenceS = 0, weights, kernelWeights = weights } = trial;
  const more = [
    ...(flags === undefined ? [] : ['-b', flags.join(',')]),
    ...(persistenceS === 0 ? [] : ['-p', String(persistenceS)]),
  ];
  return [
    ['-A', '-t', `${vip}:${portOf(trial)}`, '-s', scheduler, ...more].join(' '),
    ...kernelWeights.map((weight, index) => destination(trial, index, '-a', weight)),
  ];
}

function destination(trial: Trial, index: number, verb: '-a' | '-e', weight: number): string {
  const limit = index === 1 && trial.upper !== undefined ? ` -x ${trial.upper}` : '';
  return `${verb} -t ${vip}:${portOf(trial)} -r ${rips[index] ?? ''}:80 -m -w ${weight}${limit}`;
}

/** One after another. */
async function drive(all: readonly Trial[]): Promise<readonly (readonly SeenConnection[])[]> {
  const plans = all.map((trial): ClientPlan => {
    const { connections, concurrency, holdMs } = trial;
    return { vip, port: portOf(trial), sources: sourcesOf(trial), connections, concurrency, holdMs };
  });
  const said = await inClient([process.execPath, '--import', 'tsx', client, JSON.stringify(plans)]);
  return JSON.parse(said) as readonly (readonly SeenConnection[])[];
}

async function inClient(command: readonly string[]): Promise<string> {
  const ended = await run(['lab', 'exec', '--name', lab, '--', ...command], undefined, 240_000);
  expect(ended.code, ended.stderr).to.equal(0);
  return ended.stdout;
}

/** As the product measures them, from what the client wrote down: latencies, and looks at the table every 100 ms. */
function conditions({ concurrency }: Trial, connections: readonly SeenConnection[]): LoadConditions {
  const durationMs = Math.max(0, ...connections.map(({ toMs }) => toMs));
  const intervalMs = 100;
  const looks = Array.from({ length: Math.floor(durationMs / intervalMs) }, (_, index) => (index + 0.5) * intervalMs);
  const openAt = (look: number, name: string) =>
    connections.filter(({ server, fromMs, toMs }) => server === name && look >= fromMs && look < toMs).length;
  const held = connections.map(({ fromMs, toMs }) => toMs - fromMs).sort((a, b) => a - b);
  const edges = [...new Set(held.map((ms) => Math.ceil(ms)))];
  return {
    concurrency,
    durationMs,
    heldMs: edges.map((edge) => [edge, held.filter((ms) => Math.ceil(ms) === edge).length] as const),
    before: {},
    sampled: {
      intervalMs,
      active: Object.fromEntries(names.map((name) => [name, looks.map((look) => openAt(look, name))])),
    },
  };
}

/** A line of the table in docs/distribution.md. */
function row(trial: Trial, judged: Distribution): string {
  const percent = (share: number | undefined) => (100 * (share ?? 0)).toFixed(1);
  const triple = (shares: Readonly<Record<string, number>>) => names.map((name) => percent(shares[name])).join(' ');
  const bounds = names.map((name) => (judged.bounds?.[name] ?? []).map(percent).join('–')).join(' ');
  return `| ${[trial.name, judged.method ?? '', judged.n, triple(judged.expected), bounds, triple(judged.observed), judged.outcome].join(' | ')} |`;
}
