import { expect } from 'chai';
import { reconciliation } from '../../../../checks/traffic/reconciliation.ts';
import type { LoadResult, Sampling } from '../../../../lib/model/observations.ts';
import { aDirectCluster, aSampling } from '../../../builders.ts';
import { finding, judge, type Situation } from '../../../judgement.ts';

const counted = (connections: number): Partial<Sampling> => ({
  counters: aSampling().counters.map((counter, index) => ({ ...counter, connections: index === 0 ? connections : 0 })),
});
const when = (director: number, load: Partial<LoadResult> = {}, situation: Situation = {}) =>
  judge(reconciliation, { ...situation, sampling: counted(director), load });

describe('traffic/reconciliation', () => {
  it('passes when both count the same, or differ by less than the stated error', () => {
    expect(when(300)).to.deep.include({ outcome: 'pass', found: { client: 300, director: 300, tolerance: 3 } });
    expect(when(297).outcome).to.equal('pass');
    expect(when(303).outcome).to.equal('pass');
    expect(when(8, { connections: 10 }).outcome, 'never less than 2').to.equal('pass');
  });

  it('fails when connections never reached IPVS', () => {
    const { outcome, reason } = finding(when(296, { answered: 296 }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1 scheduled 296 of the 300 connections client1 began; 4 never reached IPVS');
  });

  it('says so when they were answered all the same', () => {
    expect(finding(when(10)).reason).to.include('another host answers for the VIP');
  });

  it('warns when others use the VIP', () => {
    const { outcome, reason } = finding(when(350));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('50 more than client1 began');
  });

  it('knows that DR and TUN do not count a connection that goes on in the entry of an earlier one', () => {
    const cluster = aDirectCluster('dr');
    const dr = (scheduled: number, reused: number, inPackets: number, portsReused?: number) => {
      const counters = counted(scheduled).counters?.map((row, index) => ({
        ...row,
        inPackets: index === 0 ? inPackets : 0,
      }));
      return judge(reconciliation, {
        cluster,
        sampling: { counters: counters ?? [], reused },
        load: portsReused === undefined ? {} : { portsReused },
      });
    };
    expect(dr(200, 100, 1500)).to.deep.include({
      outcome: 'pass',
      found: { client: 300, director: 200, tolerance: 3, reused: 100, inPackets: 1500 },
    });
    expect(dr(200, 50, 1500, 50).outcome, 'ports the load itself used before').to.equal('pass');
    const { outcome, reason } = finding(dr(200, 50, 1500));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1 scheduled 200 of the 300 connections client1 began; 100 never reached IPVS');
    expect(dr(200, 100, 1000).outcome, 'too few packets for all').to.equal('fail');
    expect(judge(reconciliation, { sampling: { ...counted(200), reused: 100 } }).outcome, 'NAT').to.equal('fail');
  });

  it('does not expect connections for which the client had no port', () => {
    const load = {
      connections: 300,
      answered: 200,
      failed: 100,
      errors: { rate: 1 / 3, byKind: { 'no-resource': 100 }, examples: [] },
    };
    expect(when(200, load).outcome).to.equal('pass');
  });

  it('cannot tell from counters that stand still, went back or lost a destination, and says which', () => {
    const judged = judge(reconciliation, {
      sampling: { countersProblem: 'counters of rs2 went back: somebody zeroed them' },
    });
    expect(judged.outcome).to.equal('error');
    expect('reason' in judged ? judged.reason : '').to.include('zeroed');
  });

  it('cannot tell without counters, or after an interruption', () => {
    expect(judge(reconciliation, { sampling: { counters: [] } }).outcome).to.equal('error');
    expect(when(300, { stopped: 'interrupted' }).outcome).to.equal('error');
  });
});
