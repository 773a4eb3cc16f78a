import { expect } from 'chai';
import { unicastPeers } from '../../../../checks/ha/unicast-peers.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { finding } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
type Change = Parameters<typeof confWith>[2];
const both = (one: Change, other: Change, more = {}) =>
  pairJudged(unicastPeers, {
    director1: { ...confWith(cluster, 'director1', one), ...more },
    director2: confWith(cluster, 'director2', other),
  });
const first: Change = { sourceAddress: '192.168.122.10', unicastPeers: ['192.168.122.9'] };
const second: Change = { sourceAddress: '192.168.122.9', unicastPeers: ['192.168.122.10'] };

describe('ha/unicast-peers', () => {
  it('passes for multicast on both, and for peers that are each other', () => {
    expect(pairJudged(unicastPeers).outcome).to.equal('pass');
    expect(both(first, second).outcome).to.equal('pass');
    expect(both({ unicastPeers: ['192.168.122.9'] }, { unicastPeers: ['192.168.122.10'] }).outcome).to.equal('pass');
  });

  it('fails where one side alone has peers', () => {
    const { reason, faults } = finding(both(first, {}));
    expect(reason).to.include('by unicast on director1').and.include('by multicast on director2');
    expect(faults).to.deep.equal(['vrrp-unicast-misconfig']);
  });

  it('fails for an own address that it does not have, and a peer that is not the other', () => {
    expect(finding(both({ ...first, sourceAddress: '192.168.122.77' }, second)).reason).to.include(
      'does not have unicast_src_ip 192.168.122.77',
    );
    const { reason, culprits } = finding(both({ ...first, unicastPeers: ['192.168.122.8'] }, second));
    expect(reason).to.include('does not reach director2, which sends from 192.168.122.9');
    expect(culprits).to.deep.equal(['director1']);
  });

  it('fails for two groups', () => {
    expect(finding(both({ multicastGroup: '224.0.0.19' }, {})).reason)
      .to.include('224.0.0.19')
      .and.include('224.0.0.18');
  });

  it('takes the other at its word where it does not say its addresses', () => {
    expect(both(first, second, { addresses: missing('deadline', 'director1: late') }).outcome).to.equal('pass');
  });

  it('does not apply without keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(unicastPeers, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(unicastPeers, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
