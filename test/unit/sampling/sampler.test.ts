import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import type { TableSample } from '../../../lib/model/sampling.ts';
import { startSampler, type SamplerOptions } from '../../../lib/sampling/sampler.ts';
import type { Host, RemoteProcess } from '../../../lib/ssh/host.ts';
import {
  aService,
  awks,
  counters,
  originRow,
  row,
  services,
  syncedHead,
  testDirector,
  type TestDirector,
} from './director.ts';

const rs1 = '0A0A0A0A';
const rs2 = '0A0A0A14';

describe('sampler', () => {
  let director: TestDirector;
  beforeEach(async () => {
    director = await testDirector();
  });
  afterEach(() => director.close());

  const begin = (options: Partial<SamplerOptions> = {}, service = aService()) =>
    startSampler(director.host, service, {
      intervalMs: 20,
      signal: new AbortController().signal,
      proc: director.proc,
      ...options,
    });
  /** Resolves with the first sample, from now on, that is as wanted. */
  const watch = () => {
    let wanted: (sample: TableSample) => boolean = () => false;
    let tell: (sample: TableSample) => void = () => undefined;
    return {
      onSample: (sample: TableSample) => {
        if (wanted(sample)) tell(sample);
      },
      until: (condition: (sample: TableSample) => boolean) =>
        new Promise<TableSample>((resolve) => {
          wanted = condition;
          tell = resolve;
        }),
    };
  };
  const refusal = async (work: Promise<unknown>): Promise<IpvetError> => {
    const error: unknown = await work.then(
      () => expect.fail('it worked'),
      (cause: unknown) => cause,
    );
    if (error instanceof IpvetError) return error;
    throw error;
  };

  it('sums the table by destination and state, and leaves out what is no connection of the service', async () => {
    director.setTable(
      [
        row(40001, rs1, 'SYN_RECV', 59),
        row(40002, rs2, 'SYN_RECV', 58),
        row(40003, rs2, 'SYN_RECV', 57),
        row(40004, rs2, 'SYN_RECV', 12),
        row(40005, rs1, 'ESTABLISHED', 899),
        // A persistence template, one of a firewall mark, another service, another port, another protocol, PE data.
        'TCP C0A87A00 0000 C0A87A64 0050 0A0A0A0A 0050 NONE             300\n',
        'IP  C0A87A01 0000 00000007 0000 0A0A0A0A 0000 ASSURED          300\n',
        'TCP C0A87A01 9C50 C0A87A65 0050 0A0A0A0A 0050 SYN_RECV          10\n',
        'TCP C0A87A01 9C50 C0A87A64 01BB 0A0A0A0A 01BB SYN_RECV          10\n',
        'UDP C0A87A01 9C50 C0A87A64 0050 0A0A0A0A 0050 UDP              300\n',
        'TCP C0A87A01 9C51 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED      900 sip SYN_RECV\n',
      ].join(''),
    );
    const abort = new AbortController();
    const sampler = await begin({ signal: abort.signal });
    abort.abort();
    const sampling = await sampler.stop({ zeroAtMs: performance.now() });
    const [first] = sampling.samples;
    expect(first?.entries).to.equal(11);
    expect(first?.counts).to.have.deep.members([
      { destination: '10.10.10.10:80', state: 'SYN_RECV', entries: 1, stuck: 0 },
      { destination: '10.10.10.20:80', state: 'SYN_RECV', entries: 3, stuck: 2 },
      { destination: '10.10.10.10:80', state: 'ESTABLISHED', entries: 2, stuck: 0 },
    ]);
    expect(first?.atMs).to.be.below(0);
    expect(sampling).to.deep.include({ service: 'web', host: 'director1', intervalMs: 20 });
  });

  it('finds the stuck entries in the table of a real director', async () => {
    const file = new URL('../../transcripts/debian12-6.1.176/ip_vs_conn', import.meta.url);
    director.setTable(readFileSync(file, 'utf8').split('\n').slice(1).join('\n'));
    const sampler = await begin();
    const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(samples[0]?.entries).to.equal(60);
    expect(samples[0]?.counts).to.have.deep.members([
      { destination: '10.10.10.20:80', state: 'SYN_RECV', entries: 20, stuck: 20 },
      { destination: '10.10.10.10:80', state: 'TIME_WAIT', entries: 20, stuck: 0 },
      { destination: '10.10.10.30:80', state: 'TIME_WAIT', entries: 20, stuck: 0 },
    ]);
  });

  it('sees an IPv6 service, and destinations of another family', async () => {
    const vip = 'fd00:0000:0000:0000:0000:0000:0000:0100';
    director.setTable(
      `TCP fd00:0000:0000:0000:0000:0000:0000:0001 9C41 ${vip} 0050 0A0A0A14 0050 ESTABLISHED     900
TCP fd00:0000:0000:0000:0000:0000:0000:0001 9C42 ${vip} 0050 fd00:0000:0000:0000:0000:0000:0000:0014 0050 CLOSE            10
`,
    );
    const sampler = await begin({}, aService({ vip: 'fd00::100' }));
    const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(samples[0]?.counts.map(({ destination }) => destination)).to.have.members([
      '10.10.10.20:80',
      '[fd00::14]:80',
    ]);
  });

  it('goes on while the table changes, without starting a program for it', async () => {
    const { onSample, until } = watch();
    const sampler = await begin({ onSample });
    director.setTable(row(40001, rs1, 'ESTABLISHED', 900));
    await until(({ counts }) => counts[0]?.state === 'ESTABLISHED');
    director.setTable(row(40001, rs1, 'TIME_WAIT', 120) + row(40002, rs1, 'TIME_WAIT', 120));
    await until(({ counts }) => counts[0]?.entries === 2);
    const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(samples.map(({ atMs }) => atMs)).to.deep.equal(samples.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(samples.at(-1)?.counts).to.deep.equal([
      { destination: '10.10.10.10:80', state: 'TIME_WAIT', entries: 2, stuck: 0 },
    ]);
  });

  const inTurn = async (tables: readonly string[], service = aService({ forwarding: 'dr' })) => {
    const { onSample, until } = watch();
    const sampler = await begin({ onSample }, service);
    for (const [index, table] of tables.entries()) {
      // One row more of another service each time: the number of rows says which table was read.
      const others = 'TCP C0A87A01 9C50 C0A87A64 01BB 0A0A0A0A 01BB ESTABLISHED     900\n'.repeat(index + 10);
      director.setUptime(1000 + index * 0.2);
      director.setTable(table + others);
      await until(({ entries }) => entries === table.split('\n').length - 1 + index + 10);
    }
    return sampler.stop({ zeroAtMs: 0, settleMs: 0 });
  };

  for (const awk of awks()) {
    it(`sees with ${awk} that a connection went on in the entry of an earlier one, which is not counted`, async () => {
      director.useAwk(awk);
      const tables = [
        row(40001, rs1, 'FIN_WAIT', 60) + row(40002, rs1, 'FIN_WAIT', 60) + row(40003, rs1, 'ESTABLISHED', 700),
        // The first went on, the second did not; the third was never over.
        row(40001, rs1, 'FIN_WAIT', 120) + row(40002, rs1, 'FIN_WAIT', 60) + row(40003, rs1, 'ESTABLISHED', 900),
        // The first again; the second was not read.
        row(40001, rs1, 'ESTABLISHED', 900) + row(40003, rs1, 'FIN_WAIT', 110) + row(40004, rs1, 'FIN_WAIT', 0),
        // The second went on; the fourth had gone, and began anew.
        row(40001, rs1, 'FIN_WAIT', 120) + row(40002, rs1, 'FIN_WAIT', 90) + row(40004, rs1, 'FIN_WAIT', 122),
      ];
      expect(await inTurn(tables)).to.include({ reused: 3 });
    });
  }

  it('forgets, while a table changes that goes on for long, what is no longer in it', async () => {
    const crowd = (from: number) =>
      Array.from({ length: 1200 }, (_, index) => row(from + index, rs1, 'FIN_WAIT', 0)).join('');
    const again = row(40001, rs1, 'FIN_WAIT', 120);
    const tables = [crowd(20_000), crowd(30_000) + row(40001, rs1, 'FIN_WAIT', 60), crowd(50_000) + again];
    expect(await inTurn(tables)).to.include({ reused: 1 });
  });

  it('leaves that to NAT, where the director sees the end of a connection and counts the next one', async () => {
    const tables = [row(40001, rs1, 'FIN_WAIT', 60), row(40001, rs1, 'FIN_WAIT', 120)];
    expect(await inTurn(tables, aService())).not.to.have.property('reused');
  });

  for (const awk of awks()) {
    it(`works with ${awk}`, async () => {
      director.useAwk(awk);
      director.setTable(row(40001, rs2, 'SYN_RECV', 9) + row(40002, rs2, 'SYN_RECV', 60));
      const { onSample, until } = watch();
      const sampler = await begin({ onSample });
      director.setTable(row(40001, rs2, 'SYN_RECV', 8));
      await until(({ counts }) => counts[0]?.entries === 1);
      const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
      expect(samples[0]?.counts[0]).to.deep.equal({
        destination: '10.10.10.20:80',
        state: 'SYN_RECV',
        entries: 2,
        stuck: 1,
      });
    });
  }

  it('keeps to its budget on a large table, and says what it cost', async () => {
    let rows = '';
    for (let port = 1; port <= 40_000; port++) rows += row(port, rs1, 'ESTABLISHED', 900);
    director.setTable(rows);
    const { onSample, until } = watch();
    const sampler = await begin({ onSample, intervalMs: 1, budgetShare: 0.1 });
    await until(({ entries }) => entries === 40_000);
    const { samples, gaps, costShare, budgetShare } = await sampler.stop({ zeroAtMs: 0, settleMs: 1000 });
    expect(samples.length).to.be.within(1, 20);
    expect(samples[0]?.costMs).to.be.above(0);
    // One reading may come just before the end.
    expect(costShare).to.be.within(0.01, 0.2);
    expect(budgetShare).to.equal(0.1);
    // How large it is was found out from its first rows.
    expect(gaps[0]?.reason).to.match(/had to be found out|too large/);
  });

  it('goes on until young SYN_RECV entries are decided', async () => {
    director.setTable(row(40001, rs2, 'SYN_RECV', 60));
    const sampler = await begin();
    setTimeout(() => {
      director.setTable(row(40001, rs2, 'SYN_RECV', 57));
    }, 400);
    const begunMs = performance.now();
    const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 50 });
    expect(samples.at(-1)?.counts[0]).to.include({ entries: 1, stuck: 1 });
    expect(performance.now() - begunMs).to.be.within(380, 3500);
  });

  it('waits for no young entry beside one that is stuck, where it is to be over soon', async () => {
    director.setTable(`${row(40001, rs2, 'SYN_RECV', 56)}${row(40002, rs2, 'SYN_RECV', 60)}`);
    const sampler = await begin();
    const begunMs = performance.now();
    const { samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 300, soon: true });
    expect(samples.at(-1)?.counts[0]).to.include({ entries: 2, stuck: 1 });
    expect(performance.now() - begunMs).to.be.below(3500);
  });

  it('lets the counters settle from when the last connection was begun', async () => {
    const sampler = await begin();
    const begunMs = performance.now();
    await sampler.stop({ zeroAtMs: 0, settleMs: 60_000, lastBegunMs: begunMs - 59_900 });
    expect(performance.now() - begunMs).to.be.within(90, 5000);
  });

  it('says that there is no table', async () => {
    director.removeTable();
    const error = await refusal(begin());
    expect(error).to.include({ code: 'EXEC_FAILED', host: 'director1', hint: 'IPVS is not there: modprobe ip_vs' });
  });

  it('says that the program cannot run', async () => {
    director.useAwk('/bin/false');
    const error = await refusal(begin());
    expect(error.code).to.equal('EXEC_FAILED');
    expect(error.message).to.contain('director1');
  });

  it('marks the time the table was gone', async () => {
    const { onSample, until } = watch();
    const sampler = await begin({ onSample, levelsIntervalMs: 20 });
    director.removeTable();
    await new Promise((resolve) => setTimeout(resolve, 400));
    director.setTable(row(40001, rs1, 'ESTABLISHED', 900));
    await until(({ counts }) => counts.length === 1);
    const { gaps, samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(gaps).to.have.lengthOf(1);
    expect(gaps[0]?.reason).to.equal('the connection table was gone');
    const fromMs = gaps[0]?.fromMs ?? 0;
    const toMs = gaps[0]?.toMs ?? 0;
    expect(toMs - fromMs).to.be.above(200);
    expect(samples.filter(({ atMs }) => atMs > fromMs && atMs < toMs)).to.deep.equal([]);
  });

  /** The director, whose programs end when told to; what happens next is for `then`. */
  const fragile = (then: () => void | Promise<void> = () => undefined) => {
    let running: RemoteProcess | undefined;
    let spawned = 0;
    const host: Host = {
      ...director.host,
      exec: director.host.exec.bind(director.host),
      spawn: async (argv, options) => {
        if (spawned++ > 0) await then();
        running = await director.host.spawn(argv, options);
        return running;
      },
    };
    return { host, lose: () => running?.close(), spawned: () => spawned };
  };

  it('starts again when the connection was lost, and marks what is missing', async () => {
    director.setTable(row(40001, rs1, 'SYN_RECV', 60));
    const { onSample, until } = watch();
    const { host, lose, spawned } = fragile();
    const signal = new AbortController().signal;
    const sampler = await startSampler(host, aService(), { intervalMs: 20, signal, proc: director.proc, onSample });
    director.setTable(row(40001, rs1, 'ESTABLISHED', 900));
    await until(({ counts }) => counts[0]?.state === 'ESTABLISHED');
    await lose();
    director.setTable(row(40001, rs1, 'TIME_WAIT', 120));
    await until(({ counts }) => counts[0]?.state === 'TIME_WAIT');
    const { samples, gaps, restartsMs, countersProblem } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(spawned()).to.equal(2);
    expect(gaps).to.have.lengthOf(1);
    const [gap] = gaps;
    expect(gap?.reason).to.contain('the sampler on director1 ended');
    expect(samples.filter(({ atMs }) => atMs > (gap?.fromMs ?? 0) && atMs < (gap?.toMs ?? 0))).to.deep.equal([]);
    expect(samples.map(({ counts }) => counts[0]?.state)).to.include.members(['SYN_RECV', 'ESTABLISHED', 'TIME_WAIT']);
    expect(restartsMs).to.equal(undefined);
    expect(countersProblem).to.equal(undefined);
  });

  it('knows the director again that was started anew, and does not trust its counters', async () => {
    const { onSample, until } = watch();
    const { host, lose } = fragile(() => {
      director.setBootId('5a2e7e3c-0000-4000-8000-000000000002');
    });
    const signal = new AbortController().signal;
    const sampler = await startSampler(host, aService(), { intervalMs: 20, signal, proc: director.proc, onSample });
    await lose();
    director.setTable(row(40001, rs1, 'TIME_WAIT', 120));
    await until(({ counts }) => counts[0]?.state === 'TIME_WAIT');
    const { gaps, restartsMs, counters: deltas, countersProblem } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    expect(gaps[0]?.reason).to.match(/^director1 was started anew \(/);
    expect(restartsMs).to.have.lengthOf(1);
    expect(deltas).to.deep.equal([]);
    expect(countersProblem).to.contain('started anew');
  });

  it('keeps what it has when the director does not come back, and marks the rest as a gap', async () => {
    const { host, lose } = fragile(() => Promise.reject(new IpvetError('SSH_UNREACHABLE', 'no way')));
    const signal = new AbortController().signal;
    const sampler = await startSampler(host, aService(), { intervalMs: 20, signal, proc: director.proc });
    await lose();
    const { samples, gaps } = await sampler.stop({ zeroAtMs: 0, settleMs: 300 });
    expect(samples).not.to.deep.equal([]);
    expect(gaps).to.have.lengthOf(1);
    expect(gaps[0]?.fromMs).to.equal(samples.at(-1)?.atMs);
    expect((gaps[0]?.toMs ?? 0) - (gaps[0]?.fromMs ?? 0)).to.be.above(250);
  });

  it('ends soon when the run is interrupted', async () => {
    const abort = new AbortController();
    const sampler = await begin({ signal: abort.signal });
    abort.abort();
    const begunMs = performance.now();
    const { samples, countersProblem } = await sampler.stop({ zeroAtMs: 0, settleMs: 10_000 });
    expect(samples).not.to.deep.equal([]);
    expect(countersProblem).to.contain('interrupted');
    expect(performance.now() - begunMs).to.be.below(4000);
  });

  for (const awk of awks()) {
    it(`takes with ${awk} what the kernel counts by itself, far more often than the table`, async () => {
      director.useAwk(awk);
      const listing = (active: number) =>
        services(
          `TCP  C0A87A65:0050 rr\n  -> 0A0A0A0A:0050      Masq    1      9          9\n` +
            `TCP  C0A87A64:0050 rr\n  -> 0A0A0A14:0050      Masq    1      0          7\n` +
            `  -> 0A0A0A0A:0050      Masq    3      ${active}          300\n`,
        );
      const percpu = (connections: string) =>
        `       Total Incoming Outgoing         Incoming         Outgoing
CPU    Conns  Packets  Packets            Bytes            Bytes
  0 ${connections} 14 0 1F40 0
  1        0        0        0                0                0
  B        A        1        0                0                0
  ~        0        0        0                0                0

     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
           0        0        0                0                0
`;
      director.setFile('ip_vs', listing(1));
      director.setFile('ip_vs_stats_percpu', percpu('10'));
      const sampler = await begin({ intervalMs: 60_000, levelsIntervalMs: 20, budgetShare: 0.5 });
      director.setFile('ip_vs', listing(25));
      director.setFile('ip_vs_stats_percpu', percpu('1A'));
      await new Promise((resolve) => setTimeout(resolve, 600));
      const { levels, samples } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
      expect(levels?.destinations).to.deep.equal(['10.10.10.10:80', '10.10.10.20:80']);
      expect(levels?.rows[0]?.slice(1)).to.deep.equal([1, 300, 0, 7]);
      expect(levels?.rows.at(-1)?.slice(1)).to.deep.equal([25, 300, 0, 7]);
      expect(levels?.totals[0]?.slice(1)).to.deep.equal([0, 0, 0, 0, 0]);
      expect(levels?.totals.at(-1)?.slice(1)).to.deep.equal([10, 0, 0, 0, 0]);
      expect(levels?.rows.length).to.be.above(3);
      expect(samples).to.have.lengthOf(1);
    });

    it(`sees with ${awk} SYNs that came again: a timer of SYN_RECV that jumped back`, async () => {
      director.useAwk(awk);
      const others = (count: number) => 'TCP C0A87A01 9C50 C0A87A64 01BB 0A0A0A0A 01BB SYN_RECV     9\n'.repeat(count);
      const tables = [
        // Four of rs2: one counts down, one came again twice, one was answered, one began anew after its end.
        row(40001, rs2, 'SYN_RECV', 50) + row(40002, rs2, 'SYN_RECV', 50) + row(40003, rs2, 'SYN_RECV', 50),
        row(40001, rs2, 'SYN_RECV', 51) + row(40002, rs2, 'SYN_RECV', 54) + row(40003, rs2, 'ESTABLISHED', 900),
        row(40001, rs2, 'SYN_RECV', 50) + row(40002, rs2, 'SYN_RECV', 60) + row(40003, rs2, 'ESTABLISHED', 900),
        row(40001, rs2, 'SYN_RECV', 50) + row(40004, rs1, 'SYN_RECV', 3) + row(40003, rs2, 'SYN_RECV', 60),
      ];
      const { onSample, until } = watch();
      const sampler = await begin({ onSample });
      for (const [index, table] of tables.entries()) {
        director.setTable(table + others(index + 1));
        await until(({ entries }) => entries === index + 4);
      }
      const { resent } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
      expect(resent).to.deep.equal([{ destination: '10.10.10.20:80', connections: 1, packets: 2 }]);
    });

    it(`leaves out with ${awk} what a peer sent, and says how much that was`, async () => {
      director.useAwk(awk);
      director.setFile(
        'ip_vs_conn_sync',
        syncedHead +
          originRow('LOCAL', 40001, rs1, 'SYN_RECV', 40) +
          originRow('SYNC', 40002, rs1, 'ESTABLISHED', 900) +
          originRow('SYNC', 40003, rs2, 'SYN_RECV', 9),
      );
      const sampler = await begin();
      const { samples, synced } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
      expect(samples[0]).to.deep.include({
        entries: 3,
        counts: [{ destination: '10.10.10.10:80', state: 'SYN_RECV', entries: 1, stuck: 1 }],
      });
      expect(synced).to.equal(2);
    });
  }

  it('reads a part of a table that is too large for its budget, says so, and goes on with what the kernel counts', async () => {
    let rows = '';
    for (let port = 1; port <= 200_000; port++) rows += row(port % 65_536, rs1, 'ESTABLISHED', 900);
    director.setTable(rows);
    director.setFile('ip_vs', services('TCP  C0A87A64:0050 rr\n  -> 0A0A0A0A:0050      Masq    1      200000     0\n'));
    const sampler = await begin({ budgetShare: 0.002, levelsIntervalMs: 50 });
    // On a busy machine each reading of the cheap files costs more, and so comes later.
    const { samples, gaps, partlyRead, levels } = await sampler.stop({ zeroAtMs: 0, settleMs: 5000 });
    expect(samples).to.deep.equal([]);
    expect(gaps).to.have.lengthOf(1);
    expect(gaps[0]?.reason).to.match(
      /^the table is too large to be read within 0\.2% of a CPU: 200000 entries would take/,
    );
    expect(partlyRead?.entries).to.equal(200_000);
    expect(partlyRead?.wholeCostMs).to.be.above(60);
    const [part] = partlyRead?.samples ?? [];
    expect(part).to.include({ entries: 5000, of: 200_000 });
    expect(part?.counts).to.deep.equal([
      { destination: '10.10.10.10:80', state: 'ESTABLISHED', entries: 5000, stuck: 0 },
    ]);
    expect(levels?.rows.length).to.be.at.least(2);
  });

  describe('counters', () => {
    const run = async (before: string, after: string, exitCode = 0) => {
      director.setCounters(before);
      const sampler = await begin();
      director.setCounters(after, exitCode);
      return sampler.stop({ zeroAtMs: 0, settleMs: 0 });
    };

    for (const { what, begun, readings, connections } of [
      { what: 'are read once when they tell of every connection', begun: 20, readings: [0, 20, 99], connections: 20 },
      { what: 'are read again while they rise', begun: 20, readings: [0, 11, 15, 20, 99], connections: 20 },
      { what: 'are what they are once they stand still', begun: 20, readings: [0, 15, 15, 99], connections: 15 },
    ])
      it(what, async () => {
        director.setCountersInTurn(readings.map((count) => counters([['10.10.10.10:80', count, 0, 0, 0, 0]])));
        const sampler = await begin();
        const { counters: deltas } = await sampler.stop({ zeroAtMs: 0, settleMs: 0, begun });
        expect(deltas.map((row) => row.connections)).to.deep.equal([connections]);
      });

    it('are differences; a destination that came counts from 0', async () => {
      const { counters: deltas, countersProblem } = await run(
        counters([['10.10.10.10:80', 100, 600, 400, 40000, 50000]]),
        counters([
          ['10.10.10.10:80', 110, 660, 440, 44000, 55000],
          ['10.10.10.20:80', 10, 10, 0, 600, 0],
        ]),
      );
      expect(countersProblem).to.equal(undefined);
      expect(deltas).to.deep.equal([
        {
          destination: '10.10.10.10:80',
          connections: 10,
          inPackets: 60,
          outPackets: 40,
          inBytes: 4000,
          outBytes: 5000,
        },
        { destination: '10.10.10.20:80', connections: 10, inPackets: 10, outPackets: 0, inBytes: 600, outBytes: 0 },
      ]);
    });

    it('of a firewall mark are listed under it, on the port that clients use', async () => {
      const listing = (connections: number, mark: string) =>
        counters([]).replace(
          /^TCP .*$/m,
          `FWM  ${mark}  0 0 0 0 0\n  -> 10.10.10.10:0  ${connections} 0 0 0 0\nFWM  7 IPv6  0 0 0 0 0`,
        );
      for (const [fwmark, mark] of [
        [7, '7'],
        [3_000_000_000, '-1294967296'],
      ] as const) {
        director.setCounters(listing(1, mark));
        const sampler = await begin({}, aService({ fwmark }));
        director.setCounters(listing(5, mark));
        const { counters: deltas, countersProblem } = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
        expect(countersProblem).to.equal(undefined);
        expect(deltas.map(({ destination, connections }) => [destination, connections])).to.deep.equal([
          ['10.10.10.10:80', 4],
        ]);
      }
    });

    it('that went back are not trusted', async () => {
      const before = counters([['10.10.10.10:80', 100, 600, 400, 40000, 50000]]);
      const sampling = await run(before, counters([['10.10.10.10:80', 5, 30, 20, 2000, 2500]]));
      expect(sampling.counters).to.deep.equal([]);
      expect(sampling.countersProblem).to.contain('10.10.10.10:80').and.to.contain('zeroed');
    });

    it('of a destination that was taken out are missed', async () => {
      const before = counters([
        ['10.10.10.10:80', 1, 1, 1, 1, 1],
        ['10.10.10.20:80', 1, 1, 1, 1, 1],
      ]);
      const sampling = await run(before, counters([['10.10.10.10:80', 2, 2, 2, 2, 2]]));
      expect(sampling.counters).to.have.lengthOf(1);
      expect(sampling.countersProblem).to.contain('10.10.10.20:80');
    });

    it('are asked for in words that sudoers can name, and the table is read without root', async () => {
      const asked: { readonly argv: readonly string[]; readonly asRoot: boolean }[] = [];
      const host: Host = {
        ...director.host,
        exec: (argv, options) => {
          asked.push({ argv, asRoot: options?.asRoot === true });
          return director.host.exec(argv, options);
        },
        spawn: (argv, options) => {
          asked.push({ argv: argv.slice(0, 2), asRoot: options?.asRoot === true });
          return director.host.spawn(argv, options);
        },
      };
      const sampler = await startSampler(host, aService(), {
        signal: new AbortController().signal,
        proc: director.proc,
      });
      await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
      const asRoot = asked.filter((each) => each.asRoot).map(({ argv }) => argv.join(' '));
      expect(new Set(asRoot)).to.deep.equal(new Set(['ipvsadm -Ln --stats --exact']));
      expect(asked).to.deep.include({ argv: ['sh', '-c'], asRoot: false });
    });

    it('that cannot be had have a reason', async () => {
      const sampling = await run(counters([]), 'No such service', 255);
      expect(sampling.counters).to.deep.equal([]);
      expect(sampling.countersProblem).to.contain('192.168.122.100:80');
    });
  });
});
