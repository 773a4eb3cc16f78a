import { expect } from 'chai';
import { vipOwner as check } from '../../../../checks/network/vip-owner.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aClient, aCluster, aDirectCluster, aDirector, cip, hostNamed, vip } from '../../../builders.ts';
import { anAddress, type FactChanges, macOf } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const cluster = aDirectCluster('dr');
const mac = (name: string, of = cluster) => macOf(of, hostNamed(of, name));
const heard = (source: string, ...answers: string[]): FactChanges => ({
  vipCensus: { questions: [{ vip, interface: 'eth0', source, answers }] },
});
const nobody: FactChanges = { vipCensus: { questions: [] } };
const all = (facts: FactChanges) => ({ client1: facts, rs1: facts, rs2: facts, rs3: facts });
const when = (facts: Readonly<Record<string, FactChanges>>, of = cluster) => judge(check, { cluster: of, facts });

describe('network/vip-owner', () => {
  it('passes where the director alone is heard, and does not hear itself', () => {
    const judgement = when({ director1: heard('192.168.122.10') });
    expect(judgement).to.deep.include({ outcome: 'pass' });
    expect(judgement).to.have.nested.property(`found.${mac('director1')}`, 'director1');
    expect(judgement).to.have.deep.nested.property('found.asked', ['director1', 'rs1', 'rs2', 'rs3']);
  });

  it('passes where a director that has the VIP on a link that is down is heard all the same', () => {
    const addresses = [anAddress('eth0', '192.168.122.10'), anAddress('dummy0', vip, { prefixLength: 32, up: false })];
    expect(when({ director1: { addresses, ...heard('192.168.122.10') } }).outcome).to.equal('pass');
    const silent = { ...all(nobody), director1: { addresses, ...heard('192.168.122.10') } };
    expect(when(silent).outcome, 'it asked itself, and no other was on the segment').to.equal('not-applicable');
    expect(when({ ...silent, rs1: heard('192.168.122.11') }).outcome).to.equal('fail');
  });

  it('does not count what is asked on another segment', () => {
    const proxy = { ...all(nobody), client1: heard('172.16.0.2', '02:00:00:00:00:fe') };
    expect(when(proxy).outcome, 'the router answers there').to.equal('not-applicable');
  });

  it('fails when a real server is heard beside the director', () => {
    const judgement = when({ rs1: heard('192.168.122.11', mac('director1'), mac('rs2')) });
    const { outcome, reason, remedy, found } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason)
      .to.include(`rs2 (${mac('rs2')})`)
      .and.include('beside director1')
      .and.include(vip);
    expect(found).to.deep.equal({ [mac('director1')]: 'director1', [mac('rs2')]: 'rs2' });
    expect(finding(judgement)).to.deep.include({ faults: ['rs-arp-flux'], culprits: ['rs2'] });
    expect(remedy?.host).to.equal('rs2');
    expect(quoted(judgement)).to.include(mac('rs2'));
  });

  it('proposes arp_ignore only where it would help', () => {
    const facts = (name: string) => ({
      rs1: heard('192.168.122.11', mac('director1'), mac('rs2')),
      rs2: { addresses: [anAddress('eth0', '192.168.122.12'), anAddress(name, vip, { prefixLength: 32 })] },
    });
    expect(finding(when(facts('lo'))).remedy?.persistent).to.have.length(2);
    expect(finding(when(facts('eth0'))).remedy, 'on the interface that is asked').to.equal(undefined);
    expect(finding(when(facts('eth0'))).faults).to.deep.equal(['rs-vip-on-nic']);
  });

  it('fails when somebody is heard by the director itself', () => {
    const foreign = '02:00:00:00:00:99';
    const { reason, remedy } = finding(when({ ...all(nobody), director1: heard('192.168.122.10', foreign) }));
    expect(reason).to.include(foreign).and.include('no host of the cluster file');
    expect(remedy).to.equal(undefined);
  });

  it('fails when nobody is heard', () => {
    const { outcome, reason } = finding(when({ ...all(heard('192.168.122.11')), director1: heard('192.168.122.10') }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('Nobody answers');
  });

  it('passes where only the director could ask, and heard nobody', () => {
    expect(when({ ...all(nobody), director1: heard('192.168.122.10') }).outcome).to.equal('pass');
  });

  it('asks about the director that has the VIP', () => {
    const two = {
      ...cluster,
      directors: [
        ...cluster.directors,
        aDirector({ name: 'director2', dip: '192.168.122.9', interface: 'eth0', vipInterface: 'eth0' }),
      ],
    };
    const backup = {
      addresses: [anAddress('eth0', '192.168.122.9')],
      ...heard('192.168.122.9', mac('director1', two)),
    };
    const others = all(heard('192.168.122.11', mac('director1', two)));
    expect(when({ ...others, director2: backup }, two).outcome).to.equal('pass');
    expect(judge(check, { cluster: two, on: 'director2', facts: { ...others, director2: backup } }).outcome).to.equal(
      'not-applicable',
    );
    const residue = {
      ...others,
      director2: { ...backup },
      rs1: heard('192.168.122.11', mac('director1', two), mac('director2', two)),
    };
    expect(finding(when(residue, two)).reason).to.include('director2');
  });

  it('fails where two directors have the VIP on the network, also when nobody was asked', () => {
    const second = aDirector({ name: 'director2', dip: '192.168.122.9', interface: 'eth0', vipInterface: 'eth0' });
    const two = { ...cluster, directors: [...cluster.directors, second] };
    const silent = { ...all(nobody), director1: nobody };
    const both = (name: string) => ({
      ...silent,
      director2: {
        ...nobody,
        addresses: [anAddress('eth0', '192.168.122.9'), anAddress(name, vip, { prefixLength: 32 })],
      },
    });
    const judgement = when(both('eth0'), two);
    expect(finding(judgement).reason).to.include('director1 and director2 both have the VIP');
    expect(quoted(judgement)).to.include('director2: ').and.include(vip);
    expect(when(both('lo'), two).outcome, 'a standby that keeps silent').to.equal('not-applicable');
  });

  it('cannot tell where nobody could ask for want of a tool, and says which', () => {
    const gap = missing('tool-absent', 'rs1: arping is not installed', { hint: 'Install iputils-arping.' });
    const judgement = when({ ...all({ vipCensus: gap }), director1: nobody });
    expect(judgement).to.deep.include({ outcome: 'error', hint: 'Install iputils-arping.' });
  });

  it('cannot tell whose MAC is whose without the links of the director', () => {
    expect(when({ director1: { links: missing('unsupported', 'x') } }).outcome).to.equal('error');
  });

  it('does not apply where no host stands in the segment by the cluster file', () => {
    const judgement = when({ client1: nobody }, aCluster());
    expect(judgement).to.deep.include({ outcome: 'not-applicable' });
    expect(judgement).to.have.property('reason').that.includes('`interface:`');
  });

  it('asks for the VIP of a NAT cluster from its client', () => {
    const nat = aCluster({ clients: [aClient({ interface: 'eth0' })] });
    const client1 = heard(cip, mac('director1', nat));
    expect(when({ client1 }, nat).outcome).to.equal('pass');
  });
});
