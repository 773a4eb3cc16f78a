import { expect } from 'chai';
import { connectionTimeouts as check } from '../../../../checks/director/connection-timeouts.ts';
import { aCluster, aClusterWith, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (tcp: number, tcpFin: number, udp: number, cluster = aCluster()) =>
  judge(check, {
    cluster,
    facts: { director1: { ipvsTable: { buckets: 4096, entries: 0, timeoutsS: { tcp, tcpFin, udp } } } },
  });

describe('director/connection-timeouts', () => {
  it('passes by default, with longer ones, and with shorter ones that outlive pauses', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when(7500, 120, 300).outcome).to.equal('pass');
    expect(when(120, 30, 1).outcome).to.equal('pass');
  });

  it('finds a TCP timeout of seconds, and what sets it back', () => {
    const { outcome, reason, remedy } = finding(when(10, 5, 5));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('after 10 s').and.include('closing TCP connection after 5 s').and.not.include('UDP');
    expect(remedy?.commands).to.deep.equal(['ipvsadm --set 900 120 300']);
    expect(remedy?.undo).to.deep.equal(['ipvsadm --set 10 5 5']);
  });

  it('finds one that is shorter than a request may take', () => {
    const cluster = aCluster({ loadProfiles: [aProfile({ timeoutMs: 200_000 })] });
    expect(finding(when(120, 120, 300, cluster)).reason).to.include('profile smoke waits 200.0 s');
  });

  it('judges UDP where the service is UDP', () => {
    const cluster = aClusterWith({ protocol: 'udp' });
    expect(finding(when(10, 5, 2, cluster)).reason)
      .to.include('UDP exchange after 2 s')
      .and.not.include('TCP');
    expect(when(10, 5, 10, cluster).outcome).to.equal('pass');
  });

  it('cannot tell when the host did not say, unless it has no ipvsadm', () => {
    const ipvsTable = { buckets: 4096, entries: 0 };
    expect(judge(check, { facts: { director1: { ipvsTable } } }).outcome).to.equal('error');
    const ipvsSupport = { loaded: true, schedulers: {} };
    expect(judge(check, { facts: { director1: { ipvsTable, ipvsSupport } } }).outcome).to.equal('not-applicable');
  });
});
