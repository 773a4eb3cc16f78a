import { expect } from 'chai';
import { virtualRouterId } from '../../../../checks/ha/virtual-router-id.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { anInstance, aPair, conf } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();

describe('ha/virtual-router-id', () => {
  it('passes where both name it alike, under whatever name of the instance', () => {
    expect(pairJudged(virtualRouterId).outcome).to.equal('pass');
    expect(
      pairJudged(virtualRouterId, { director2: confWith(cluster, 'director2', { name: 'WEB' }) }).outcome,
    ).to.equal('pass');
  });

  it('fails for two ids, with file and line of each', () => {
    const places = { virtual_router_id: { path: conf, line: 8 } };
    const { reason, faults, culprits } = finding(
      pairJudged(virtualRouterId, { director2: confWith(cluster, 'director2', { vrid: 52, places }) }),
    );
    expect(reason).to.include(`director2 52 (${conf} line 8)`).and.include('the cluster file says 51');
    expect(faults).to.deep.equal(['vrrp-vrid-mismatch']);
    expect(culprits).to.deep.equal(['director1', 'director2']);
  });

  it('fails where both agree and the cluster file does not', () => {
    const other = aPair({ ha: { vrid: 7 } });
    expect(finding(pairJudged(virtualRouterId, {}, other)).reason).to.include('the cluster file says 7');
    expect(pairJudged(virtualRouterId, {}, aPair({ ha: {} })).outcome).to.equal('pass');
  });

  it('fails for two instances of one id on one network, not for IPv4 and IPv6', () => {
    const second = (address: string) => anInstance({ name: 'VI_2', addresses: [{ path: conf, line: 40, address }] });
    const both = (address: string) => {
      const instances = [anInstance(), second(address)];
      const change = confWith(cluster, 'director1', {}, { instances });
      return pairJudged(virtualRouterId, { director1: change, director2: change });
    };
    expect(finding(both('192.168.122.101')).faults).to.deep.equal(['vrrp-vrid-collision']);
    expect(both('fd00::1').outcome).to.equal('pass');
  });

  it('applies once, to two directors that have keepalived', () => {
    expect(judge(virtualRouterId).outcome).to.equal('not-applicable');
    expect(pairJudged(virtualRouterId, {}, cluster, 'director2').outcome).to.equal('not-applicable');
    expect(pairJudged(virtualRouterId, { director1: nowhere, director2: nowhere }).outcome).to.equal('not-applicable');
  });

  it('cannot tell without the other configuration, nor past what is not known', () => {
    const gone = { keepalivedConf: missing('permission', 'director2: sudo refuses ops') };
    expect(pairJudged(virtualRouterId, { director2: gone })).to.include({ outcome: 'error' });
    const open = pairJudged(virtualRouterId, { director2: confWith(cluster, 'director2', { vrid: 52 }, unsure) });
    expect(open).to.have.property('reason').that.includes('include /srv/*.conf').and.includes('line 4');
  });
});
