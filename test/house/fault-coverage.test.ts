import { expect } from 'chai';
import { faultSights, unseen } from '../../checks/fault-coverage.ts';
import { checks } from '../../checks/index.ts';
import { signatures } from '../../lib/diagnosis/signatures.ts';
import { faultIds, faultSections } from '../../lib/model/fault-id.ts';
import { causes } from './causes.ts';

const sights = faultSights(checks, causes);
const isSeen = ({ checks: by, diagnosed }: (typeof sights)[number]) => by.length > 0 || diagnosed !== undefined;

describe('house: what sees each fault of the catalogue', () => {
  it('every fault is in one part of the catalogue', () => {
    expect(faultSections.flatMap(({ faults }) => faults)).to.deep.equal([...faultIds]);
  });

  it('every one is seen, or checks/fault-coverage.ts says why not yet', () => {
    const silent = sights.filter((sight) => !isSeen(sight) && sight.unseenBecause === undefined);
    expect(
      silent.map(({ fault }) => fault),
      'faults that nothing sees and nothing is said about',
    ).to.deep.equal([]);
  });

  it('what is seen has no reason left: remove its line from checks/fault-coverage.ts', () => {
    const both = sights.filter((sight) => isSeen(sight) && sight.unseenBecause !== undefined);
    expect(both.map(({ fault }) => fault)).to.deep.equal([]);
    expect(Object.values(unseen).every((because) => because.length > 20)).to.equal(true);
  });

  it('no check and no rule names a fault that is not in the catalogue', () => {
    const named: readonly string[] = [...checks.flatMap(({ sees }) => sees), ...causes.ofRules, ...causes.ofFindings];
    const known: readonly string[] = faultIds;
    expect(named.filter((id) => !known.includes(id))).to.deep.equal([]);
  });

  it('lib/diagnosis/signatures.ts says of each fault that a check finds before the load what traffic shows of it', () => {
    const found = new Set(checks.filter(({ stage }) => stage !== 'traffic').flatMap(({ sees }) => sees));
    expect(Object.keys(signatures)).to.deep.equal(faultIds.filter((fault) => found.has(fault)));
  });
});
