import { expect } from 'chai';
import { transitions } from '../../../../checks/ha/transitions.ts';
import type { KeepalivedJournal, VrrpState } from '../../../../lib/model/facts.ts';
import { parseKeepalivedLog } from '../../../../lib/parse/keepalived-log.ts';
import { finding, judge } from '../../../judgement.ts';
import { transcript } from '../../parse/transcript.ts';
import { pairJudged } from './pair.ts';

const first = (keepalivedJournal: KeepalivedJournal) => pairJudged(transitions, { director1: { keepalivedJournal } });
const logged = (name: string) => first(parseKeepalivedLog(transcript(`journal-${name}.txt`, 'keepalived-2.2.7'), NaN));
const states = (count: number, agoS: (index: number) => number): KeepalivedJournal => ({
  transitions: Array.from({ length: count }, (_, index) => ({
    instance: 'VI_1',
    state: (index % 2 === 0 ? 'MASTER' : 'BACKUP') satisfies VrrpState,
    agoS: agoS(index),
  })),
  complaints: [],
  sinceS: 9000,
});

describe('ha/transitions', () => {
  it('passes where it became master and stayed so, and for changes of long ago', () => {
    expect(pairJudged(transitions).outcome).to.equal('pass');
    expect(logged('master').outcome).to.equal('pass');
    expect(first(states(100, () => 8000)).outcome).to.equal('pass');
    expect(first(states(20, (index) => index)).outcome).to.equal('pass');
  });

  it('fails for a state that changes all the time', () => {
    const { reason, faults } = finding(first(states(21, (index) => index * 10)));
    expect(reason).to.include('VI_1 changed its state 21 times within 3600.0 s');
    expect(faults).to.deep.equal(['vrrp-preempt-flapping']);
  });

  it('has the director to blame that goes to FAULT, where one does, and not the one that follows', () => {
    const following = states(22, (index) => index * 10);
    const { transitions: all, ...rest } = following;
    const faulty = { ...rest, transitions: [...all.slice(1), { instance: 'VI_1', state: 'FAULT' as const, agoS: 2 }] };
    const judged = pairJudged(transitions, {
      director1: { keepalivedJournal: following },
      director2: { keepalivedJournal: faulty },
    });
    expect(finding(judged)).to.deep.include({ faults: ['vrrp-preempt-flapping'], culprits: ['director2'] });
    expect(finding(first(following)).culprits).to.equal(undefined);
  });

  it('fails in FAULT, for a script that fails, for an interface that is not there', () => {
    const faulty = { transitions: [{ instance: 'VI_1', state: 'FAULT' as const, agoS: 5 }], complaints: [], sinceS: 9 };
    expect(finding(first(faulty)).faults).to.deep.equal(['vrrp-fault-by-track']);
    expect(finding(logged('script')).faults).to.deep.equal(['vrrp-fault-by-track']);
    expect(finding(logged('interface')).faults).to.deep.equal(['vrrp-wrong-interface']);
  });

  it('does not apply to one director, nor where keepalived said nothing', () => {
    expect(judge(transitions).outcome).to.equal('not-applicable');
    expect(first({ transitions: [], complaints: [] }).outcome).to.equal('not-applicable');
  });
});
