import { expect } from 'chai';

import { type Check, defineCheck, pass, type Stage } from '../../../lib/model/check.ts';
import { WantedFacts } from '../../../lib/run/wanted-facts.ts';
import { aCluster, hostNamed } from '../../builders.ts';

const aCheck = (stage: Stage, requires: Check['requires']): Check =>
  defineCheck({
    id: `network/${stage}`,
    title: 'as it should be',
    failureTitle: 'not as it should be',
    sees: [],
    severity: 'mandatory',
    stage,
    scope: 'host',
    requires,
    doc: { why: 'test', byHand: [], references: [] },
    evaluate: () => pass({}, []),
  });

describe('what a run asks its hosts', () => {
  const cluster = aCluster();
  const subject = { cluster, host: hostNamed(cluster, 'rs1') };
  const wanted = (changesRules: boolean) => {
    const facts = new WantedFacts(cluster, { changesRules });
    facts.add(aCheck('pre', ['hostname']), subject);
    facts.add(aCheck('post', ['sysctl']), subject);
    return (stage: string) => facts.of(stage).map(({ host, facts: names }) => [host.name, ...names]);
  };

  it('is asked in one round trip where the rules stay as they are', () => {
    const of = wanted(false);
    expect(of('pre')).to.deep.equal([['rs1', 'privilege', 'os', 'hostname', 'sysctl']]);
    expect(of('post')).to.deep.equal([]);
  });

  it('is asked once more where rules are installed in between', () => {
    const of = wanted(true);
    expect(of('pre')).to.deep.equal([['rs1', 'privilege', 'os', 'hostname']]);
    expect(of('post')).to.deep.equal([['rs1', 'privilege', 'os', 'sysctl']]);
  });
});
