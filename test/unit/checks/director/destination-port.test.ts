import { expect } from 'chai';
import { destinationPort as check } from '../../../../checks/director/destination-port.ts';
import type { IpvsDestination, SavedRules } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const kept = (...destinations: IpvsDestination[]): SavedRules => ({
  keeper: 'keepalived',
  file: '/etc/keepalived/keepalived.conf',
  atBoot: true,
  services: [{ protocol: 'tcp', address: vip, port: 80, scheduler: 'rr', persistenceS: 0, extra: [], destinations }],
});
const to = (port: number, forwarding: IpvsDestination['forwarding'] = 'dr'): IpvsDestination => ({
  address: '192.168.122.12',
  port,
  forwarding,
  weight: 1,
  extra: [],
});
const when = (savedRules: SavedRules) =>
  judge(check, { cluster: aDirectCluster('dr'), facts: { director1: { savedRules } } });

describe('director/destination-port', () => {
  it('passes with the port of the service', () => {
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
    expect(judge(check, { cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
    expect(when(kept(to(80), to(8080, 'nat'))).outcome).to.equal('pass');
  });

  it('fails with another one', () => {
    const { outcome, reason } = finding(when(kept(to(80), to(8080))));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('192.168.122.12:8080').and.include('arrive there on 80');
  });

  it('does not apply to NAT, nor without rules that are kept', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(when({ keeper: 'none', services: [] }).outcome).to.equal('not-applicable');
  });
});
