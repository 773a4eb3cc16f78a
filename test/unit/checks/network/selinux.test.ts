import { expect } from 'chai';
import { selinux } from '../../../../checks/network/selinux.ts';
import { judge } from '../../../judgement.ts';

describe('network/selinux', () => {
  for (const mode of ['enforcing', 'permissive', 'disabled'] as const) {
    it(`records ${mode} and finds no fault`, () => {
      const judgement = judge(selinux, { on: 'rs1', facts: { rs1: { selinux: { mode } } } });
      expect(judgement).to.deep.include({ outcome: 'pass', found: { mode } });
    });
  }

  it('does not apply without SELinux', () => {
    expect(judge(selinux, { on: 'rs1' }).outcome).to.equal('not-applicable');
  });
});
