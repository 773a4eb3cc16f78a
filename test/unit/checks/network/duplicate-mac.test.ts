import { expect } from 'chai';
import { duplicateMac } from '../../../../checks/network/duplicate-mac.ts';
import { missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aDirectCluster } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aDirectCluster('dr');
const link = (change: Partial<NetworkLink> = {}): NetworkLink => ({
  name: 'eth0',
  mac: '52:54:00:00:00:01',
  mtu: 1500,
  up: true,
  noArp: false,
  ...change,
});
const both = (one: NetworkLink, more = {}) =>
  judge(duplicateMac, { cluster, on: 'rs1', facts: { rs1: { links: [one] }, rs2: { links: [one], ...more } } });

describe('network/duplicate-mac', () => {
  it('passes when every host has its own', () => {
    for (const on of ['director1', 'rs1', 'client1'])
      expect(judge(duplicateMac, { cluster, on }).outcome).to.equal('pass');
  });

  it('fails when two hosts of a network have one', () => {
    const { outcome, reason, remedy } = finding(both(link()));
    expect(outcome).to.equal('fail');
    expect(reason).to.equal('rs1 has the MAC 52:54:00:00:00:01 on eth0, as rs2 has on eth0');
    const [, mac = ''] = /address (02(?::[\da-f]{2}){5})$/.exec(remedy?.commands[0] ?? '') ?? [];
    expect(remedy?.persistent?.join('\n')).to.include(`up ip link set dev eth0 address ${mac}`);
    expect(remedy?.undo?.[0]).to.equal('ip link set dev eth0 address 52:54:00:00:00:01');
    expect(finding(both(link())).remedy?.commands, 'the same when asked again').to.deep.equal(remedy?.commands);
    const other = judge(duplicateMac, {
      cluster,
      on: 'rs2',
      facts: { rs1: { links: [link()] }, rs2: { links: [link()] } },
    });
    expect(finding(other).remedy?.commands, 'another host').to.not.include(remedy?.commands[0]);
    expect(both(link(), { addresses: missing('unreachable', 'no') }).outcome).to.equal('fail');
  });

  it('warns when they are in different networks', () => {
    expect(both(link(), { addresses: [anAddress('eth0', '10.7.7.7')] }).outcome).to.equal('warn');
  });

  it('takes VRRP’s MACs, bridges, ends within a host and links that are down as they are', () => {
    for (const change of [
      { mac: '00:00:5e:00:01:33' },
      { kind: 'bridge' },
      { kind: 'veth' },
      { up: false },
      { mac: '00:00:00:00:00:00' },
    ])
      expect(both(link(change)).outcome).to.equal('pass');
  });

  it('says who was not compared', () => {
    const judged = judge(duplicateMac, { cluster, on: 'rs1', facts: { rs2: { links: missing('unreachable', 'no') } } });
    expect(judged).to.have.nested.property('found.notCompared[0]', 'rs2');
  });
});
