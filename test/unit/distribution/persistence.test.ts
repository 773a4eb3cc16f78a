import { expect } from 'chai';
import { judgeDistribution } from '../../../lib/distribution/judge.ts';
import { judged, named } from './trials.ts';

const clients = (counts: readonly number[], each = 3) =>
  counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, client) => ({
      address: `10.${index}.${client >> 8}.${client & 255}`,
      counts: { [`rs${index + 1}`]: each },
    })),
  );
const judgeClients = (counts: readonly number[], change = {}) =>
  judgeDistribution(
    judged(
      'wrr',
      counts.map((count) => count * 3),
      { persistenceS: 300, destinations: named(2, 2, 2), sources: clients(counts), ...change },
    ),
  );

describe('distribution/persistence', () => {
  it('is not testable from one source address, nor from several that the mask makes one', () => {
    const one = judgeClients([1, 0, 0]);
    expect(one).to.include({ outcome: 'error', method: 'untestable', n: 3 });
    expect(one.reason).to.match(/^not testable from one source address: persistence of 300 s/);
    const masked = judgeClients([40, 0, 0], { persistenceNetmask: '255.255.255.0' });
    expect(masked.reason).to.match(/^not testable from one source address/);
    expect(judgeClients([1, 0, 0], { sources: undefined })).to.include({ outcome: 'error', method: 'untestable' });
  });

  it('counts clients, not their connections, and says how many it takes', () => {
    const few = judgeClients([8, 8, 8]);
    expect(few.outcome).to.equal('error');
    expect(few.sample).to.include({ unit: 'source-address', size: 24 });
    expect(few.reason).to.match(/24 source addresses are too few .*at least \d{3} are needed/);
    expect(judgeClients([140, 140, 140]).outcome).to.equal('pass');
    expect(judgeClients([160, 80, 160])).to.include({ outcome: 'fail', method: 'chi-square' });
  });

  it('fails when a client does not stay', () => {
    const sources = [...clients([8, 8, 8]), { address: '10.9.9.9', counts: { rs1: 2, rs2: 1 } }];
    const conditions = { concurrency: 1, durationMs: 9000, heldMs: [[1, 1]] as const };
    const { outcome, reason } = judgeClients([8, 8, 8], { sources, conditions });
    expect(outcome).to.equal('fail');
    expect(reason).to.include('10.9.9.9 went to rs1 and rs2');
  });

  it('does not blame a quiesced real server for clients that were there before', () => {
    const { outcome, reason } = judgeClients([8, 8, 8], { destinations: named(2, 0, 2) });
    expect(outcome).to.equal('error');
    expect(reason).to.include('expire_quiescent_template');
  });

  it('tells prefixes of IPv6 apart', () => {
    const sources = ['fd00:0:0:1::1', 'fd00:0:0:1::2', 'fd00:0:0:2::1'].map((address) => ({
      address,
      counts: { rs1: 1 },
    }));
    const seen = judgeClients([1, 0, 0], { sources, persistenceNetmask: '64' });
    expect(seen.sample?.size).to.equal(2);
  });
});
