import { expect } from 'chai';
import { requests } from '../../../../checks/traffic/requests.ts';
import type { Probe } from '../../../../lib/model/ends.ts';
import type { LoadResult } from '../../../../lib/model/load-result.ts';
import { cip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (load: Partial<LoadResult>) => judge(requests, { load });

describe('traffic/requests', () => {
  it('passes when all were answered', () => {
    expect(when({})).to.deep.include({ outcome: 'pass' });
  });

  it('fails for one lost request, and counts by kind, the most first', () => {
    const { outcome, reason } = finding(
      when({
        answered: 290,
        failed: 10,
        errors: { rate: 1 / 30, byKind: { refused: 3, 'connect-timeout': 7 }, examples: [] },
      }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.equal('10 of 300 requests to web failed: 7 timed out before the handshake and 3 refused');
  });

  describe('and large ones, that came last,', () => {
    const large = (...outcomes: readonly Probe['outcome'][]): Partial<LoadResult> => ({
      large: {
        bytes: 3000,
        service: 'web',
        director: 'director1',
        client: 'client1',
        ends: [],
        probes: outcomes.map((outcome, index) => ({
          sourceAddress: cip,
          localPort: 40_000 + index,
          tookMs: 2,
          outcome,
        })),
      },
    });

    it('passes where they are answered, or refused', () => {
      expect(when(large('answered', 'bad-status')).outcome).to.equal('pass');
    });

    it('fails where they hang', () => {
      const { outcome, reason } = finding(when(large('answered', 'response-timeout', 'response-timeout')));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('2 of 3 requests to web with 3000 bytes more').and.include('all 300 small ones');
    });
  });

  it('says how many were not tried when it gave up', () => {
    const { reason } = finding(
      when({
        sent: 200,
        answered: 100,
        failed: 100,
        stopped: 'failures',
        errors: { rate: 0.5, byKind: { reset: 100 }, examples: [] },
      }),
    );
    expect(reason).to.include('100 reset; 100 more were not tried');
  });

  it('fails for answers of somebody else, where the others name real servers', () => {
    const { outcome, reason } = finding(when({ answersByRealServer: { rs1: 80, rs2: 80, rs3: 80, sorry: 60 } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.equal('Clients got 60 of 300 answers of web from sorry, which is no real server of it');
    expect(when({ answersByRealServer: { rs1: 100, rs2: 100, a: 50, b: 50 } }).outcome).to.equal('fail');
    // That may be what rs3 calls itself.
    expect(when({ answersByRealServer: { rs1: 100, rs2: 100, other: 100 } }).outcome).to.equal('pass');
    expect(when({ answersByRealServer: { 'web-5f7': 150, 'web-9c2': 150 } }).outcome).to.equal('pass');
  });

  it('cannot tell after an interruption, even with failures', () => {
    expect(when({ sent: 200, answered: 190, failed: 10, stopped: 'interrupted' }).outcome).to.equal('error');
  });

  it('passes when the time limit came first and everything sent until then was answered', () => {
    expect(when({ sent: 250, answered: 250, stopped: 'time-limit' }).outcome).to.equal('pass');
    expect(when({ sent: 250, answered: 249, stopped: 'time-limit' }).outcome).to.equal('error');
  });

  it('cannot tell when nothing was sent, or when requests are unaccounted for', () => {
    expect(when({ requested: 0, sent: 0, answered: 0 }).outcome).to.equal('error');
    expect(when({ answered: 299 }).outcome).to.equal('error');
    expect(when({ sent: 299, answered: 299 }).outcome).to.equal('error');
  });
});
