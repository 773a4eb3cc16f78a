import { expect } from 'chai';
import { duplicateAddress } from '../../../../checks/network/duplicate-address.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aDirectCluster } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const has = (...entries: readonly ReturnType<typeof anAddress>[]) => ({ addresses: entries });
const rs1 = anAddress('eth0', '10.10.10.10');
const rs2 = anAddress('eth0', '10.10.10.20');

describe('network/duplicate-address', () => {
  it('passes on every host of healthy clusters, VIPs on several hosts included', () => {
    for (const on of ['director1', 'rs1', 'client1']) {
      expect(judge(duplicateAddress, { on }).outcome).to.equal('pass');
      expect(judge(duplicateAddress, { cluster: aDirectCluster('dr'), on }).outcome).to.equal('pass');
    }
  });

  it('fails on the host that has the address of another one, whether or not the other answers', () => {
    for (const other of [{}, { rs1: { addresses: missing('unreachable', 'no answer') } }]) {
      const { outcome, reason, remedy } = finding(
        judge(duplicateAddress, { on: 'rs2', facts: { rs2: has(rs2, rs1), ...other } }),
      );
      expect(outcome).to.equal('fail');
      expect(reason).to.equal('rs2 has 10.10.10.10 on eth0, which is the address of rs1');
      expect(remedy?.commands).to.deep.equal(['ip address del 10.10.10.10/24 dev eth0']);
      expect(remedy, 'no file gives it').to.not.have.property('persistent');
      const file = '/etc/network/interfaces';
      const twice = { interface: 'eth0', address: '10.10.10.10', prefixLength: 24, file };
      const persistedNetwork = { files: [file], addresses: [twice], gateways: [], other: [] };
      const facts = { rs2: { ...has(rs2, rs1), persistedNetwork }, ...other };
      expect(finding(judge(duplicateAddress, { on: 'rs2', facts })).remedy?.summary).to.equal(
        'Take 10.10.10.10 off eth0; for the next boot, by hand: /etc/network/interfaces gives eth0 10.10.10.10',
      );
    }
    expect(finding(judge(duplicateAddress, { on: 'rs1', facts: { rs2: has(rs2, rs1) } })).reason).to.include(
      'as rs2 has on eth0',
    );
  });

  it('warns of an undeclared one on both', () => {
    const extra = anAddress('eth1', '10.9.9.9');
    const facts = { rs1: has(rs1, extra), rs2: has(rs2, extra) };
    expect(judge(duplicateAddress, { on: 'rs1', facts }).outcome).to.equal('warn');
  });

  it('takes bridges, links that are down and link-local addresses for each host’s own', () => {
    const own = [
      anAddress('docker0', '172.17.0.1'),
      anAddress('virbr0', '192.168.122.1'),
      anAddress('eth1', '10.9.9.9', { up: false }),
      anAddress('eth0', 'fe80::1'),
      anAddress('eth0', '169.254.1.1'),
    ];
    const facts = { rs1: has(rs1, ...own), rs2: has(rs2, ...own) };
    expect(judge(duplicateAddress, { on: 'rs1', facts }).outcome).to.equal('pass');
  });
});
