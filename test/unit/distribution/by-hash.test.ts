import { expect } from 'chai';
import { maglevTable, sourceHashTable } from '../../../lib/distribution/hash-tables.ts';
import { judgeDistribution } from '../../../lib/distribution/judge.ts';
import { judged, named } from './trials.ts';

const destinations = named(6, 4, 2);
const hashed = destinations.map((one) => ({ ...one, address: one.address ?? '', port: 80 }));
const addresses = Array.from({ length: 24 }, (_, index) => `10.99.1.${10 + index}`);
const went = (lookup: (address: string) => string | undefined, times = 10) =>
  addresses.map((address) => ({ address, counts: { [lookup(address) ?? '']: times } }));
const totals = (sources: readonly { counts: Record<string, number> }[]) =>
  destinations.map(({ name }) => sources.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0));
const judgeWhere = (scheduler: string, lookup: (address: string) => string | undefined, change = {}) => {
  const sources = went(lookup);
  return judgeDistribution(judged(scheduler, totals(sources), { destinations, sources, ...change }));
};
const sh = sourceHashTable(hashed, { fallback: false });
const mh = maglevTable(hashed, { fallback: false });

describe('distribution/by-hash', () => {
  it('has the addresses that the kernel of the lab sent to each: 19, 2 and 3 of 24 under sh, 13, 5 and 6 under mh', () => {
    // The kernel has them in reverse: test/lab/schedulers.test.ts, 6.1.176.
    const reversed = hashed.toReversed();
    const tables = {
      sh: sourceHashTable(reversed, { fallback: false }),
      mh: maglevTable(reversed, { fallback: false }),
    };
    const counted = (table: typeof sh) =>
      destinations.map(({ name }) => addresses.filter((address) => table.lookup({ address, port: 0 }) === name).length);
    expect(counted(tables.sh)).to.deep.equal([19, 2, 3]);
    expect(counted(tables.mh)).to.deep.equal([13, 5, 6]);
    expect(tables.sh.shares['rs1']).to.be.closeTo(0.5, 0.02);
    expect(tables.mh.shares['rs3']).to.be.closeTo(1 / 6, 0.01);
  });

  it('passes when every address is where its hash sends it, and names those that are not', () => {
    for (const [scheduler, table] of [
      ['sh', sh],
      ['mh', mh],
    ] as const) {
      const lookup = (address: string) => table.lookup({ address, port: 0 });
      expect(judgeWhere(scheduler, lookup)).to.include({ outcome: 'pass', method: 'by-hash' });
      const wrong = judgeWhere(scheduler, (address) => (address === '10.99.1.10' ? 'rs3' : lookup(address)));
      expect(wrong, wrong.reason).to.include({ outcome: 'fail' });
      expect(wrong.reason).to.match(/10\.99\.1\.10 goes to rs[12] and went to rs3 \(10\)/);
    }
  });

  it('takes the hash of older kernels and other sizes of the table for what they are, when chance cannot be it', () => {
    const old = sourceHashTable(hashed, { fallback: false, hash: 'low-bits' });
    const seen = judgeWhere('sh', (address) => old.lookup({ address, port: 0 }));
    expect(seen.outcome, seen.reason).to.equal('pass');
    expect(seen.limits?.join()).to.include('Linux before 4.18');
    const small = maglevTable(hashed, { fallback: false, index: 8 });
    const other = judgeWhere('mh', (address) => small.lookup({ address, port: 0 }));
    expect(other.limits?.join()).to.include('CONFIG_IP_VS_MH_TAB_INDEX=8');
  });

  it('does not blame anyone while the order of the destinations is not known', () => {
    const { outcome, reason } = judgeWhere('sh', () => 'rs2', { kernelOrder: [] });
    expect(outcome).to.equal('error');
    expect(reason).to.include('order');
    const reversed = sourceHashTable(hashed.toReversed(), { fallback: false });
    const seen = judgeWhere('sh', (address) => reversed.lookup({ address, port: 0 }), { kernelOrder: [] });
    expect(seen.outcome, seen.reason).to.equal('pass');
  });

  it('is not testable from one source address, nor without knowing addresses', () => {
    const [address = ''] = addresses;
    const name = sh.lookup({ address, port: 0 }) ?? '';
    const counts = destinations.map((one) => (one.name === name ? 500 : 0));
    const one = { destinations, sources: [{ address, counts: { [name]: 500 } }] };
    const alone = judgeDistribution(judged('sh', counts, one));
    expect(alone).to.include({ outcome: 'error', method: 'untestable' });
    expect(alone.reason).to.match(/^not testable from one source address/);
    expect(judgeDistribution(judged('sh', counts, { destinations }))).to.include({
      outcome: 'error',
      method: 'untestable',
    });
  });

  it('sends a quiesced one’s addresses elsewhere with sh-fallback, and nowhere without', () => {
    const quiesced = hashed.map((one, index) => (index === 1 ? { ...one, weight: 0 } : one));
    const [plain, fallback] = [false, true].map((on) => sourceHashTable(quiesced, { fallback: on }));
    const refused = addresses.filter((address) => plain?.lookup({ address, port: 0 }) === undefined);
    expect(refused.length).to.be.above(0);
    for (const address of refused) expect(fallback?.lookup({ address, port: 0 })).to.be.oneOf(['rs1', 'rs3']);
  });

  it('leaves a full one its slots, and what leads to them goes as if it were quiesced', () => {
    const full = hashed.map((one, index) => (index === 1 ? { ...one, overloaded: true } : one));
    for (const [make, before] of [
      [sourceHashTable, sh],
      [maglevTable, mh],
    ] as const) {
      const [plain, fallback] = [false, true].map((on) => make(full, { fallback: on }));
      for (const address of addresses) {
        const key = { address, port: 0 };
        const name = before.lookup(key);
        expect(plain?.lookup(key)).to.equal(name === 'rs2' ? undefined : name);
        if (name === 'rs2') expect(fallback?.lookup(key)).to.be.oneOf(['rs1', 'rs3']);
        else expect(fallback?.lookup(key)).to.equal(name);
      }
      expect(Object.keys(plain?.shares ?? {})).to.have.members(['rs1', 'rs3']);
    }
  });

  it('judges shares where sh-port hashes ports that nobody wrote down', () => {
    const flags = ['sh-port'];
    const counts = [1000, 667, 333];
    expect(judgeDistribution(judged('sh', counts, { destinations, flags }))).to.include({
      outcome: 'pass',
      method: 'chi-square',
    });
    expect(judgeDistribution(judged('sh', [1200, 400, 400], { destinations, flags })).outcome).to.equal('fail');
  });

  it('dh has one destination for a VIP', () => {
    const seen = judgeDistribution(
      judged('dh', [0, 0, 0, 90], { destinations: named(1, 1, 1, 1), vip: '192.168.122.100' }),
    );
    const right = Object.keys(seen.expected).find((name) => seen.expected[name] === 1) ?? '';
    const counts = ['rs1', 'rs2', 'rs3', 'rs4'].map((name) => (name === right ? 90 : 0));
    const of = { destinations: named(1, 1, 1, 1), vip: '192.168.122.100' };
    expect(judgeDistribution(judged('dh', counts, of)).outcome).to.equal('pass');
    expect(judgeDistribution(judged('dh', [...counts.slice(1), counts[0] ?? 0], of)).outcome).to.equal('fail');
  });
});
