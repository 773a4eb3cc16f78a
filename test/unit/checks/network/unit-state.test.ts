import { expect } from 'chai';
import { unitState } from '../../../../checks/network/unit-state.ts';
import type { Units } from '../../../../lib/model/facts.ts';
import { aCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

type Unit = readonly [name: string, active: string, enabled: string];
const units = (...list: readonly Unit[]): Units => ({
  systemd: true,
  units: list.map(([name, active, enabled]) => ({ name, active, enabled })),
});
const onRs1 = (...list: readonly Unit[]) => judge(unitState, { on: 'rs1', facts: { rs1: { units: units(...list) } } });

describe('network/unit-state', () => {
  it('passes when what runs is started at boot, in whatever way', () => {
    expect(judge(unitState, { on: 'rs1' }).outcome).to.equal('pass');
    const ways = ['enabled', 'static', 'generated', 'alias', 'indirect', ''];
    expect(onRs1(...ways.map((way, index): Unit => [`u${index}.service`, 'active', way])).outcome).to.equal('pass');
    expect(onRs1(['httpd.service', 'inactive', 'disabled']).outcome).to.equal('pass');
  });

  it('fails for a unit that was started by hand, and enables it', () => {
    const { reason, remedy } = finding(onRs1(['nginx.service', 'active', 'disabled']));
    expect(reason).to.equal('rs1 has nginx.service running, which is disabled and not started at boot');
    expect(remedy?.commands).to.deep.equal(['systemctl enable nginx.service']);
    expect(finding(onRs1(['chrony.service', 'active', 'masked'])).remedy?.commands[0]).to.equal(
      'systemctl unmask chrony.service',
    );
  });

  it('fails for a unit that failed', () => {
    const { reason, remedy } = finding(onRs1(['nginx.service', 'failed', 'enabled']));
    expect(reason).to.equal('rs1 has nginx.service failed');
    expect(remedy?.commands).to.deep.equal(['systemctl start nginx.service']);
  });

  it('knows who else starts a unit', () => {
    expect(onRs1(['ssh.service', 'active', 'disabled'], ['ssh.socket', 'active', 'enabled']).outcome).to.equal('pass');
    expect(onRs1(['ssh.service', 'active', 'disabled'], ['ssh.socket', 'inactive', 'disabled']).outcome).to.equal(
      'fail',
    );
    expect(onRs1(['systemd-networkd.service', 'active', 'enabled-runtime']).outcome).to.equal('pass');
    expect(onRs1(['docker.service', 'active', 'disabled'], ['ipvsadm.service', 'active', 'disabled']).outcome).to.equal(
      'pass',
    );
  });

  it('wants keepalived to run where the cluster file says that it manages the rules', () => {
    const cluster = aCluster({ rules: { managedBy: 'keepalived' } });
    const { reason } = finding(judge(unitState, { cluster, on: 'director1' }));
    expect(reason).to.include('keepalived.service not running');
    const running = units(['keepalived.service', 'active', 'enabled']);
    expect(judge(unitState, { cluster, facts: { director1: { units: running } } }).outcome).to.equal('pass');
  });

  it('says nothing where there is no systemd, nor of clients', () => {
    const none = { systemd: false, units: [] };
    expect(judge(unitState, { on: 'rs1', facts: { rs1: { units: none } } }).outcome).to.equal('not-applicable');
    expect(judge(unitState, { on: 'client1' }).outcome).to.equal('not-applicable');
  });
});
