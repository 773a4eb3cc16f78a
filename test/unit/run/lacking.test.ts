import { expect } from 'chai';
import { known, missing, type MissingRule } from '../../../lib/model/facts.ts';
import { rulesLacking } from '../../../lib/run/lacking.ts';
import { tiersOf } from '../../../lib/run/selection.ts';

const evidence = { host: 'director1', command: 'sudo -n -l -l', output: '' };
const lacking = (tier: MissingRule['tier'], needed: boolean) =>
  rulesLacking(
    known(
      { user: 'ops', level: 'root', missing: [{ tier, command: 'ipvsadm -R', rule: 'ops …', needed }] } as const,
      evidence,
    ),
  );

describe('what sudo does not let a run do', () => {
  it('keeps it from trying to change the rules', () => {
    const error = lacking('change', true);
    expect(error).to.include({ code: 'PERMISSION', host: 'director1' });
    expect(error?.message).to.contain('does not let ops run ipvsadm -R');
    expect(error?.hint).to.contain('ipvet doctor sudoers --host director1');
    expect(lacking('read', true)).to.include({ code: 'PERMISSION' });
  });

  it('does not, where it is for load alone, for something else, or not known', () => {
    expect(lacking('traffic', true)).to.equal(undefined);
    expect(lacking('change', false)).to.equal(undefined);
    expect(rulesLacking(known({ user: 'root', level: 'root' }, evidence))).to.equal(undefined);
    expect(rulesLacking(missing('unreachable', 'no answer'))).to.equal(undefined);
  });
});

describe('what a run needs from sudo', () => {
  const ipvsadm = { rules: { managedBy: 'ipvsadm' } } as const;
  const stages = ['pre', 'post', 'traffic'] as const;

  it('is what it does', () => {
    expect(tiersOf({ allow: { traffic: true, change: true }, stages }, ipvsadm)).to.deep.equal([
      'read',
      'traffic',
      'change',
    ]);
    expect(tiersOf({ allow: { traffic: true, change: true }, stages: ['pre'] }, ipvsadm)).to.deep.equal(['read']);
    expect(tiersOf({ allow: { traffic: false, change: false }, stages }, ipvsadm)).to.deep.equal(['read']);
    const keepalived = { rules: { managedBy: 'keepalived' } } as const;
    expect(tiersOf({ allow: { traffic: true, change: true }, stages }, keepalived)).to.deep.equal(['read', 'traffic']);
  });
});
