import { expect } from 'chai';

import { differences } from '../../lab/survival/fingerprint.ts';
import { momentsOf } from '../../lab/survival/moments.ts';

const stages = [
  { name: 'facts', durationMs: 6000 },
  { name: 'lock', durationMs: 40 },
  { name: 'load', durationMs: 3000 },
  { name: 'restore', durationMs: 960 },
];

describe('moments to strike a run at', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(momentsOf(stages, 20, 1)).to.deep.equal(momentsOf(stages, 20, 1));
    expect(momentsOf(stages, 20, 1)).to.not.deep.equal(momentsOf(stages, 20, 2));
  });

  it('are spread evenly over the run, none outside of its stage', () => {
    for (const seed of [1, 2, 3, 4711]) {
      const moments = momentsOf(stages, 20, seed);
      const count = (name: string) => moments.filter(({ stage }) => stage === name).length;
      expect(count('facts')).to.be.within(11, 13);
      expect(count('load')).to.be.within(5, 7);
      for (const { stage, afterMs } of moments)
        expect(afterMs).to.be.within(0, stages.find(({ name }) => name === stage)?.durationMs ?? -1);
    }
  });

  it('leave out no stage that must be among them, however short, and are not more for that', () => {
    for (const seed of [1, 2, 3, 4711]) {
      const moments = momentsOf(stages, 20, seed, ['lock', 'restore', 'absent']);
      expect(moments).to.have.length(20);
      expect(moments.map(({ stage }) => stage)).to.include.members(['facts', 'lock', 'load', 'restore']);
    }
  });
});

describe('difference of two sights of a host', () => {
  it('counts a line as often as it is there', () => {
    expect(differences(['a', 'b', 'b'], ['b', 'a', 'b'])).to.deep.equal([]);
    expect(differences(['a', 'b', 'b'], ['b', 'c'])).to.deep.equal(['- a', '- b', '+ c']);
  });
});
