import { expect } from 'chai';
import { syncGroup } from '../../../../checks/ha/sync-group.ts';
import { finding } from '../../../judgement.ts';
import { anInstance, aNatPair, aPair, conf, insideVip } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const nat = aNatPair();

describe('ha/sync-group', () => {
  it('passes for one group, and for one instance of both addresses', () => {
    expect(pairJudged(syncGroup, {}, nat).outcome).to.equal('pass');
    const both = anInstance({
      addresses: [...anInstance().addresses, { path: conf, line: 13, address: insideVip, prefixLength: 24 }],
    });
    const one = confWith(nat, 'director1', {}, { instances: [both], syncGroups: [] });
    expect(pairJudged(syncGroup, { director1: one, director2: one }, nat).outcome).to.equal('pass');
  });

  it('fails for instances apart, and without an inner address', () => {
    const apart = pairJudged(syncGroup, { director2: confWith(nat, 'director2', {}, { syncGroups: [] }) }, nat);
    expect(finding(apart).reason).to.include('VI_1 and VI_GATEWAY of director2 are in no vrrp_sync_group together');
    const outer = confWith(nat, 'director1', {}, { instances: [anInstance()] });
    expect(finding(pairJudged(syncGroup, { director1: outer }, nat)).reason).to.include(
      "no address that could be the real servers' gateway",
    );
  });

  it('does not apply without NAT or keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(syncGroup, {}, aPair()).outcome).to.equal('not-applicable');
    expect(pairJudged(syncGroup, { director1: nowhere }, nat).outcome).to.equal('not-applicable');
    expect(pairJudged(syncGroup, { director1: confWith(nat, 'director1', {}, unsure) }, nat).outcome).to.equal('error');
  });
});
