import { expect } from 'chai';
import { connectionReuse as check } from '../../../../checks/director/connection-reuse.ts';
import type { Cluster } from '../../../../lib/model/cluster.ts';
import { aCluster, aDirectCluster, aProfile, aService } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (mode: string, conntrack: string, kernel: string, cluster: Cluster = aCluster()) =>
  judge(check, {
    cluster,
    facts: {
      director1: {
        sysctl: { 'net.ipv4.vs.conn_reuse_mode': mode, 'net.ipv4.vs.conntrack': conntrack },
        os: { id: 'debian', prettyName: 'Debian', kernel },
      },
    },
  });

describe('director/connection-reuse', () => {
  it('passes by default, also with conntrack on a newer kernel', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when('1', '1', '6.1.0-13-amd64').outcome).to.equal('pass');
    expect(when('1', '1', '5.10.0').outcome).to.equal('pass');
    expect(when('1', '0', '4.19.0').outcome).to.equal('pass');
  });

  it('finds the lost SYN of an older kernel with conntrack', () => {
    const { outcome, reason } = finding(when('1', '1', '5.4.0-150-generic'));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('5.4.0-150-generic').and.include('a second longer');
    expect(when('1', '1', 'unknown').outcome).to.equal('error');
  });

  it('finds mode 0', () => {
    expect(finding(when('0', '0', '6.1.0')).remedy?.commands).to.deep.equal([
      'sysctl -w net.ipv4.vs.conn_reuse_mode=1',
    ]);
    expect(finding(when('0', '0', '6.1.0', aDirectCluster('dr'))).remedy?.commands).to.deep.equal([
      'sysctl -w net.ipv4.vs.conn_reuse_mode=3',
    ]);
  });

  it('asks for bit 2 with DR only when ports will be used again', () => {
    expect(when('1', '0', '6.1.0', aDirectCluster('dr')).outcome).to.equal('pass');
    const busy = aDirectCluster('dr', { loadProfiles: [aProfile({ requests: 40_000 })] });
    expect(finding(when('1', '0', '6.1.0', busy)).reason).to.include('40000 connections from the 28232 source ports');
    expect(when('3', '0', '6.1.0', busy).outcome).to.equal('pass');
    expect(when('1', '0', '6.1.0', aCluster({ loadProfiles: busy.loadProfiles })).outcome).to.equal('pass');
    const { realServers } = busy;
    const drained = aService(realServers, { forwarding: 'dr' });
    const destinations = drained.destinations.map((one, index) => ({ ...one, weight: index === 0 ? 0 : 1 }));
    const cluster = aDirectCluster('dr', { virtualServices: [{ ...drained, destinations }] });
    expect(finding(when('1', '0', '6.1.0', cluster)).reason).to.include('rs1 is drained');
  });

  it('does not apply without the setting', () => {
    expect(judge(check, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('not-applicable');
  });
});
