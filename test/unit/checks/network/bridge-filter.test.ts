import { expect } from 'chai';

import { bridgeFilter } from '../../../../checks/network/bridge-filter.ts';
import { missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aDirectCluster } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables } from '../../../packet-filter.ts';

describe('network/bridge-filter', () => {
  const link = (name: string, change: Partial<NetworkLink> = {}): NetworkLink => ({
    name,
    mtu: 1500,
    up: true,
    noArp: false,
    ...change,
  });
  const bridged = [link('br0', { kind: 'bridge' }), link('eth0', { master: 'br0' }), link('vnet0', { master: 'br0' })];
  const on = (change: FactChanges, value = '1') =>
    judge(bridgeFilter, {
      cluster: aDirectCluster('dr'),
      facts: {
        director1: {
          sysctl: { 'net.bridge.bridge-nf-call-iptables': value },
          links: bridged,
          firewall: iptables('filter', '-P FORWARD DROP'),
          ...change,
        },
      },
    });

  it('warns where FORWARD stops what the bridge passes', () => {
    const { outcome, reason, remedy } = finding(on({}));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('br0').and.include('bridge-nf-call-iptables=1').and.include('policy');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.bridge.bridge-nf-call-iptables=0']);
  });

  it('passes where FORWARD is open, or the frames stay out of it', () => {
    expect(on({ firewall: iptables('filter') }).outcome).to.equal('pass');
    expect(on({}, '0').outcome).to.equal('pass');
    expect(on({ sysctl: {} }).outcome).to.equal('pass');
  });

  it('leaves a host with docker and no bridge in the segment alone', () => {
    const docker = [link('eth0'), link('docker0', { kind: 'bridge' }), link('veth1', { master: 'docker0' })];
    expect(on({ links: docker }).outcome).to.equal('not-applicable');
    expect(on({ links: missing('unsupported', 'no ip') }).outcome).to.equal('not-applicable');
    expect(on({ links: missing('deadline', 'no answer in time') }).outcome).to.equal('error');
  });
});
