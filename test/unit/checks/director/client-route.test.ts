import { expect } from 'chai';
import { clientRoute as check } from '../../../../checks/director/client-route.ts';
import { aClient, aClusterWith, aDirectCluster, aRealServer, cip } from '../../../builders.ts';
import { aRoute } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const six = aClusterWith(
  { vip: '2001:db8::100' },
  { realServers: [aRealServer(1, { rip: 'fd00::11' })], clients: [aClient({ cip: '2001:db8:1::1' })] },
);
const lost = { routes: [aRoute('2001:db8:1::1', { outcome: 'no-route' })] };

describe('director/client-route', () => {
  it('passes with a way to every client', () => {
    expect(judge(check).outcome).to.equal('pass');
  });

  it('fails without one', () => {
    const { outcome, reason } = finding(
      judge(check, { facts: { director1: { routes: [aRoute(cip, { outcome: 'unreachable' })] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include('unreachable');
  });

  it('names router advertisements that a forwarding director does not take', () => {
    const key = 'net.ipv6.conf.eth0.accept_ra';
    const sysctl = { 'net.ipv6.conf.all.forwarding': '1', [key]: '1' };
    const { reason, remedy } = finding(judge(check, { cluster: six, facts: { director1: { ...lost, sysctl } } }));
    expect(reason).to.include(`${key}=1`);
    expect(remedy?.commands).to.deep.equal([`sysctl -w ${key}=2`]);
    const taken = { ...sysctl, [key]: '2' };
    const other = finding(judge(check, { cluster: six, facts: { director1: { ...lost, sysctl: taken } } }));
    expect(other.reason).to.not.include('accept_ra');
    expect(other.remedy).to.equal(undefined);
  });

  it('does not apply without NAT or without clients', () => {
    expect(judge(check, { cluster: aDirectCluster('tun') }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aClusterWith({}, { clients: [] }) }).outcome).to.equal('not-applicable');
  });

  it('cannot tell for a client nobody asked about', () => {
    expect(judge(check, { facts: { director1: { routes: [] } } }).outcome).to.equal('error');
  });
});
