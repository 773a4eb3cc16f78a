import { expect } from 'chai';
import { selinuxDenials as check } from '../../../../checks/network/selinux-denials.ts';
import type { Selinux, SelinuxDenial } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';

const denial = (program: string, domain: string, permission: string): SelinuxDenial => ({
  program,
  domain,
  permission,
  target: 'unreserved_port_t',
  text: `avc: denied { ${permission} } for comm="${program}" scontext=system_u:system_r:${domain}:s0`,
});
const when = (on: string, mode: Selinux['mode'], ...selinuxDenials: readonly SelinuxDenial[]) =>
  judge(check, { on, facts: { [on]: { selinux: { mode }, selinuxDenials } } });

describe('network/selinux-denials', () => {
  it('passes when nothing of interest was denied', () => {
    expect(when('rs1', 'enforcing').outcome).to.equal('pass');
    expect(when('rs1', 'enforcing', denial('cupsd', 'cupsd_t', 'read')).outcome).to.equal('pass');
    expect(when('director1', 'enforcing', denial('httpd', 'httpd_t', 'name_bind')).outcome).to.equal('pass');
  });

  it('finds a web server that may not bind its port', () => {
    const { outcome, reason } = finding(when('rs1', 'enforcing', denial('httpd', 'httpd_t', 'name_bind')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('httpd (httpd_t) name_bind on unreserved_port_t');
  });

  it('finds keepalived that may not connect, with the boolean', () => {
    const { reason, remedy } = finding(
      when('director1', 'enforcing', denial('keepalived', 'keepalived_t', 'name_connect')),
    );
    expect(reason).to.include('denied keepalived');
    expect(remedy?.commands).to.deep.equal(['setsebool -P keepalived_connect_any on']);
  });

  it('warns of what a permissive host would deny', () => {
    const { outcome, reason } = finding(when('rs1', 'permissive', denial('httpd', 'httpd_t', 'name_bind')));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('would deny');
  });

  it('does not apply without SELinux, or to clients', () => {
    for (const mode of ['absent', 'disabled'] as const) expect(when('rs1', mode).outcome).to.equal('not-applicable');
    expect(judge(check, { on: 'client1' }).outcome).to.equal('not-applicable');
  });
});
