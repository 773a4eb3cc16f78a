import { expect } from 'chai';
import { vipHolder } from '../../../../checks/ha/vip-holder.ts';
import { type KeepalivedComplaint, missing } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { anAddress, factsOf } from '../../../host-facts.ts';
import { finding } from '../../../judgement.ts';
import { iptables } from '../../../packet-filter.ts';
import { aNatPair, aPair, insideVip } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const vip = '192.168.122.100';
const plain = (name: string, ...more: readonly ReturnType<typeof anAddress>[]) => ({
  addresses: [
    ...factsOf(cluster, hostNamed(cluster, name)).addresses.filter(({ address }) => address !== vip),
    ...more,
  ],
});
const both = plain('director2', anAddress('eth0', vip, { prefixLength: 32 }));
const said = (kind: KeepalivedComplaint['kind']) => ({
  keepalivedJournal: {
    transitions: [],
    complaints: [{ kind, text: kind, instance: 'VI_1', count: 9, agoS: 1 }],
    sinceS: 99,
  },
});

describe('ha/vip-holder', () => {
  it('passes where one has all, and the other keeps the VIP on lo', () => {
    expect(pairJudged(vipHolder).outcome).to.equal('pass');
    expect(pairJudged(vipHolder, {}, aNatPair()).outcome).to.equal('pass');
    expect(pairJudged(vipHolder, { director2: plain('director2', anAddress('lo', vip)) }).outcome).to.equal('pass');
  });

  it('fails where both have it, and says why as far as it can be told', () => {
    const faults = (second: object, first: object = {}) =>
      finding(pairJudged(vipHolder, { director1: first, director2: { ...both, ...second } })).faults;
    expect(faults({})).to.deep.equal(['multicast-vlan-hypervisor', 'vrrp-split-brain']);
    expect(faults({ firewall: iptables('filter', '-A INPUT -p vrrp -j DROP') })).to.deep.equal(['vrrp-split-brain']);
    expect(faults({ firewall: missing('permission', 'no sudo rule') })).to.deep.equal(['vrrp-split-brain']);
    expect(faults(confWith(cluster, 'director2', { vrid: 52 }))).to.deep.equal(['vrrp-vrid-mismatch']);
    const slower = confWith(cluster, 'director2', { advertIntervalMs: 3000 });
    expect(faults({ ...slower, ...said('advert-interval') })).to.deep.equal(['vrrp-advert-int-mismatch']);
    expect(faults(slower, said('advert-interval'))).to.deep.equal(['vrrp-advert-int-mismatch']);
    expect(faults(confWith(cluster, 'director2', { unicastPeers: ['192.168.122.10'] }))).to.deep.equal([
      'vrrp-unicast-misconfig',
    ]);
  });

  it('blames somebody else on the segment where the directors agree in what they drop of others', () => {
    for (const kind of ['foreign-addresses', 'address-count', 'password'] as const)
      expect(finding(pairJudged(vipHolder, { director2: { ...both, ...said(kind) } })).faults).to.deep.equal([
        'vrrp-vrid-collision',
      ]);
  });

  it('fails where nobody has it, and says why as far as it can be told', () => {
    const faults = (change: object) =>
      finding(pairJudged(vipHolder, { director1: { ...plain('director1'), ...change }, director2: change })).faults;
    expect(faults({ keepalived: { version: '2.2.7', running: false } })).to.deep.equal(['backup-not-running']);
    expect(faults({})).to.deep.equal(['vip-removed-by-network-manager']);
    const last = (state: 'BACKUP' | 'FAULT', agoS = 9) => ({
      keepalivedJournal: { transitions: [{ instance: 'VI_1', state, agoS }], complaints: [] },
    });
    expect(faults(last('FAULT'))).to.deep.equal(['vrrp-fault-by-track']);
    expect(faults(last('BACKUP')), 'somebody else is master').to.deep.equal(['vrrp-vrid-collision']);
    expect(faults(last('BACKUP', 3)), 'it may become master yet').to.deep.equal(['vrrp-fault-by-track']);
    expect(faults({ keepalivedJournal: { transitions: [], complaints: [] } })).to.deep.equal(['vrrp-fault-by-track']);
  });

  it('fails where VIP and gateway are apart', () => {
    const nat = aNatPair();
    const without = (name: string, gone: string) =>
      factsOf(nat, hostNamed(nat, name)).addresses.filter(({ address }) => address !== gone);
    const judged = pairJudged(
      vipHolder,
      {
        director1: { addresses: without('director1', insideVip) },
        director2: { addresses: [...without('director2', vip), anAddress('eth1', insideVip)] },
      },
      nat,
    );
    const { reason, faults } = finding(judged);
    expect(reason).to.include('192.168.122.100 is on director1 and 10.10.10.1 is on director2, which belong together');
    expect(faults).to.deep.equal(['nat-gateway-not-failed-over']);
  });

  it('cannot tell without the addresses of one, nor past what is not known; does not apply without keepalived', () => {
    const gone = { addresses: missing('unreachable', 'director2 is gone') };
    expect(pairJudged(vipHolder, { director2: gone }))
      .to.have.property('reason')
      .that.includes('director2 is gone');
    expect(pairJudged(vipHolder, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal('error');
    expect(pairJudged(vipHolder, { director1: nowhere }).outcome).to.equal('not-applicable');
  });
});
