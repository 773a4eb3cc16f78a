import { expect } from 'chai';
import { vrrpInterface } from '../../../../checks/ha/vrrp-interface.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair, conf } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();

describe('ha/vrrp-interface', () => {
  it('passes where all are there', () => {
    expect(pairJudged(vrrpInterface).outcome).to.equal('pass');
  });

  it('fails for one that is not there, of an instance, an address, the sync', () => {
    const places = { interface: { path: conf, line: 7 } };
    const renamed = confWith(cluster, 'director1', { interface: 'eth9', places });
    expect(finding(pairJudged(vrrpInterface, { director1: renamed })).reason).to.include(
      `VI_1 is on eth9 (${conf} line 7), which is not there`,
    );
    const address = { path: conf, line: 12, address: '192.168.122.100', interface: 'eth8' };
    const inAddress = confWith(cluster, 'director1', { addresses: [address] });
    expect(finding(pairJudged(vrrpInterface, { director1: inAddress })).reason).to.include('line 12');
    const inSync = confWith(cluster, 'director1', {}, { lvsSync: { path: conf, line: 3, interface: 'eth7' } });
    expect(finding(pairJudged(vrrpInterface, { director1: inSync })).reason).to.include('lvs_sync_daemon is on eth7');
  });

  it('fails for one that is down', () => {
    const { links } = factsOf(cluster, hostNamed(cluster, 'director1'));
    const down = links.map((link) => (link.name === 'eth0' ? { ...link, up: false } : link));
    expect(finding(pairJudged(vrrpInterface, { director1: { links: down } })).reason).to.include('which is down');
  });

  it('does not apply to one director or without keepalived, and cannot tell past what is not known', () => {
    expect(judge(vrrpInterface).outcome).to.equal('not-applicable');
    expect(pairJudged(vrrpInterface, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(vrrpInterface, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
