import { expect } from 'chai';
import { sshTrust } from '../../../../checks/network/ssh-trust.ts';
import { missing, type Privilege } from '../../../../lib/model/facts.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const rule = (command: string) => `ops ALL=(root) NOPASSWD: /usr/sbin/${command}, /sbin/${command}`;
const restore = { tier: 'change', command: 'ipvsadm -R', rule: rule('ipvsadm -R') } as const;
const save = { tier: 'read', command: 'ipvsadm -Sn', rule: rule('ipvsadm -Sn') } as const;
const unprivileged: Privilege = {
  user: 'ops',
  level: 'unprivileged',
  sudoMessage: 'sudo: a password is required',
  missing: [
    { ...save, needed: true },
    { ...restore, needed: false },
  ],
};

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
    it(`fails without sudo on ${on}, with what sudo said and how to allow what is needed`, () => {
      const { outcome, reason, remedy } = finding(
        judge(sshTrust, { on, facts: { [on]: { privilege: unprivileged } } }),
      );
      expect(outcome).to.equal('fail');
      expect(reason).to.include(on).and.include('a password is required');
      expect(remedy?.summary).to.include(`ipvet doctor sudoers --host ${on}`);
      expect(remedy?.commands.join('\n'))
        .to.include(`'${rule('ipvsadm -Sn')}'`)
        .and.not.include('ipvsadm -R');
      expect(remedy?.undo).to.deep.equal(['rm -f /etc/sudoers.d/ipvet-ops-more']);
    });
  }

  it('names each rule that this run lacks, with its tier', () => {
    const privilege: Privilege = { user: 'ops', level: 'root', missing: [{ ...restore, needed: true }] };
    const { outcome, reason } = finding(judge(sshTrust, { on: 'director1', facts: { director1: { privilege } } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.equal('director1 does not let ops run as root: ipvsadm -R (change)');
  });

  it('passes where only what this run does not do is missing, and shows it', () => {
    const privilege: Privilege = { user: 'ops', level: 'root', missing: [{ ...restore, needed: false }] };
    const judgement = judge(sshTrust, { on: 'director1', facts: { director1: { privilege } } });
    expect(judgement.outcome).to.equal('pass');
    expect(judgement).to.have.nested.property('found.missing').that.deep.equals(['change: ipvsadm -R']);
  });

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
