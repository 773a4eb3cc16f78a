import { expect } from 'chai';
import { gateway } from '../../../../checks/ha/gateway.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aRoute } from '../../../host-facts.ts';
import { finding } from '../../../judgement.ts';
import { anInstance, aNatPair, aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const nat = aNatPair();
const through = (hop: string) => ({ routes: [aRoute('192.168.122.1', { gateway: hop })] });

describe('ha/gateway', () => {
  it('passes for an address of both', () => {
    expect(pairJudged(gateway, {}, nat).outcome).to.equal('pass');
  });

  it('fails for the DIP of one, and for an address that one alone has', () => {
    const { reason, culprits } = finding(pairJudged(gateway, { rs2: through('10.10.10.2') }, nat));
    expect(reason).to.include('rs2 answers through 10.10.10.2, which is the DIP of director1');
    expect(culprits).to.deep.equal(['rs2']);
    const alone = confWith(nat, 'director2', {}, { instances: [anInstance()] });
    expect(finding(pairJudged(gateway, { director2: alone }, nat)).reason).to.include(
      'only keepalived on director1 has',
    );
  });

  it('leaves a router in between to others', () => {
    const router = Object.fromEntries(['rs1', 'rs2', 'rs3'].map((name) => [name, through('10.10.10.254')]));
    expect(pairJudged(gateway, router, nat).outcome).to.equal('not-applicable');
  });

  it('cannot tell without the routes, nor past what is not known', () => {
    const judged = pairJudged(gateway, { rs1: { routes: missing('unreachable', 'rs1 is gone') } }, nat);
    expect(judged).to.have.property('reason').that.includes('rs1');
    expect(pairJudged(gateway, { director1: confWith(nat, 'director1', {}, unsure) }, nat).outcome).to.equal('error');
  });

  it('does not apply without NAT or keepalived', () => {
    expect(pairJudged(gateway, {}, aPair()).outcome).to.equal('not-applicable');
    expect(pairJudged(gateway, { director1: nowhere }, nat).outcome).to.equal('not-applicable');
  });
});
