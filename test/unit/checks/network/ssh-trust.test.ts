import { expect } from 'chai';
import { sshTrust } from '../../../../checks/network/ssh-trust.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const unprivileged = { user: 'ops', level: 'unprivileged', sudoMessage: 'sudo: a password is required' } as const;

describe('network/ssh-trust', () => {
  it('passes for root, and shows what is known of the trust of the host', () => {
    const judgement = judge(sshTrust, { on: 'rs1' });
    expect(judgement.outcome).to.equal('pass');
    expect(judgement).to.have.nested.property('found.passwordAuthentication', false);
  });

  it('passes where only the trust is not known, as on a machine without sshd', () => {
    const judgement = judge(sshTrust, {
      on: 'client1',
      facts: { client1: { sshTrust: missing('tool-absent', 'no sshd') } },
    });
    expect(judgement.outcome).to.equal('pass');
  });

  for (const on of ['director1', 'rs2']) {
    it(`fails without sudo on ${on}, with what sudo said`, () => {
      const { outcome, reason, remedy } = finding(
        judge(sshTrust, { on, facts: { [on]: { privilege: unprivileged } } }),
      );
      expect(outcome).to.equal('fail');
      expect(reason).to.include(on).and.include('a password is required');
      expect(remedy?.undo).to.deep.equal(['rm -f /etc/sudoers.d/ipvet-ops']);
    });
  }

  it('says so when the cluster file forbids sudo', () => {
    const cluster = aCluster({ ssh: { become: 'none', parallel: 1 } });
    const judgement = judge(sshTrust, { cluster, on: 'rs1', facts: { rs1: { privilege: unprivileged } } });
    expect(finding(judgement).reason).to.include('ssh.become: none');
  });

  it('asks no root of a client', () => {
    expect(judge(sshTrust, { on: 'client1', facts: { client1: { privilege: unprivileged } } }).outcome).to.equal(
      'pass',
    );
  });
});
