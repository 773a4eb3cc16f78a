import { expect } from 'chai';
import { authentication } from '../../../../checks/ha/authentication.ts';
import type { VrrpInstance } from '../../../../lib/model/facts.ts';
import { Secret } from '../../../../lib/model/secret.ts';
import { finding } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const second = (change: Partial<VrrpInstance>) =>
  pairJudged(authentication, { director2: confWith(cluster, 'director2', change) });
const pass = (text: string) => ({ authentication: { type: 'PASS', password: new Secret(text) } });

describe('ha/authentication', () => {
  it('passes for one password, of which eight characters count', () => {
    expect(pairJudged(authentication).outcome).to.equal('pass');
    expect(second(pass('s3cr3tpw-and-more')).outcome).to.equal('pass');
  });

  it('fails for another one, and shows neither', () => {
    const found = finding(second(pass('s3cr3tpx')));
    expect(found.faults).to.deep.equal(['vrrp-auth-mismatch']);
    expect(JSON.stringify(found)).to.not.include('s3cr3t');
  });

  it('cannot tell, and does not stumble, where passwords were left out of what was kept', () => {
    const kept = JSON.parse(JSON.stringify(confWith(cluster, 'director2', pass('s3cr3tpw')))) as ReturnType<
      typeof confWith
    >;
    const judged = pairJudged(authentication, { director2: kept });
    expect(judged.outcome).to.equal('error');
    expect(judged).to.have.property('reason').that.includes('left out');
  });

  it('fails where one has a password and the other has none, or another type', () => {
    const none = confWith(cluster, 'director2', {});
    const instances =
      none.keepalivedConf !== undefined && 'instances' in none.keepalivedConf ? none.keepalivedConf.instances : [];
    const bare = instances.map((one) => ({ ...one, authentication: { type: 'NONE' } }));
    const judged = pairJudged(authentication, { director2: confWith(cluster, 'director2', {}, { instances: bare }) });
    expect(finding(judged).reason).to.include('director2 none');
    expect(finding(second({ authentication: { type: 'AH', password: new Secret('s3cr3tpw') } })).reason).to.include(
      'AH',
    );
    expect(finding(second({ authentication: { type: 'PASS' } })).reason).to.include('is not the same');
  });

  it('leaves alone what version 3 and strict mode ignore', () => {
    const both = (change: Partial<VrrpInstance>) =>
      pairJudged(authentication, {
        director1: confWith(cluster, 'director1', { ...change, ...pass('one') }),
        director2: confWith(cluster, 'director2', { ...change, ...pass('two') }),
      });
    expect(both({ version: 3 }).outcome).to.equal('pass');
    expect(both({ strict: true }).outcome).to.equal('pass');
    expect(both({}).outcome).to.equal('fail');
  });

  it('does not apply without keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(authentication, { director2: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(authentication, { director2: confWith(cluster, 'director2', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
