import { expect } from 'chai';
import { reversePathFilter as check } from '../../../../checks/real-server/reverse-path-filter.ts';
import { aCluster, aDirectCluster, aService, vip } from '../../../builders.ts';
import { aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cip = '172.16.0.2';
const filters = (all: string, eth0: string, tunl0 = '0') => ({
  sysctl: {
    'net.ipv4.conf.all.rp_filter': all,
    'net.ipv4.conf.eth0.rp_filter': eth0,
    'net.ipv4.conf.tunl0.rp_filter': tunl0,
  },
});
const when = (forwarding: 'dr' | 'tun', rs2: FactChanges) =>
  judge(check, { on: 'rs2', cluster: aDirectCluster(forwarding), facts: { rs2 } });
const away = { routes: [aRoute(cip, { from: vip, interface: 'eth1', gateway: '10.9.9.1' })] };

describe('real-server/reverse-path-filter', () => {
  it('passes with DR where answers leave as requests come, also strictly', () => {
    expect(when('dr', {}).outcome).to.equal('pass');
    expect(when('dr', filters('1', '1')).outcome).to.equal('pass');
  });

  it('fails with DR where answers leave by another interface, and passes when loose', () => {
    const { outcome, reason, remedy } = finding(when('dr', { ...away, ...filters('1', '0') }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include('eth0').and.include('eth1');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.conf.eth0.rp_filter=2']);
    expect(remedy?.undo?.[0]).to.equal('sysctl -w net.ipv4.conf.eth0.rp_filter=0');
    expect(when('dr', { ...away, ...filters('0', '2') }).outcome).to.equal('pass');
    expect(when('dr', { ...away, ...filters('1', '2') }).outcome, 'the larger counts').to.equal('pass');
  });

  it('fails with TUN by all=1 although tunl0 has 0, and passes with tunl0=2', () => {
    const { reason } = finding(when('tun', filters('1', '0', '0')));
    expect(reason).to.include('come in on tunl0').and.include('the larger of all (1) and its own 0');
    expect(when('tun', filters('1', '0', '2')).outcome).to.equal('pass');
    expect(when('tun', filters('0', '1', '0')).outcome).to.equal('pass');
    expect(when('tun', {}).outcome).to.equal('pass');
  });

  it('cannot tell without the setting', () => {
    expect(when('dr', { sysctl: {} }).outcome).to.equal('error');
  });

  it('does not apply to NAT, IPv6, without clients, and without a tunnel that is up', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    const cluster = aDirectCluster('dr');
    const six = {
      ...cluster,
      virtualServices: [aService(cluster.realServers, { forwarding: 'dr', vip: 'fd00::100' })],
    };
    expect(judge(check, { cluster: six }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: { ...cluster, clients: [] } }).outcome).to.equal('not-applicable');
    expect(when('tun', { links: [] }).outcome).to.equal('not-applicable');
  });
});
