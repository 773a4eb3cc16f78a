import { expect } from 'chai';
import { synBacklog as check } from '../../../../checks/real-server/syn-backlog.ts';
import { aClusterWith, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (cookies: string, most: string, concurrency = 3000, backlog = 511) =>
  judge(check, {
    cluster: aClusterWith({}, { loadProfiles: [aProfile({ concurrency })] }),
    facts: {
      rs1: {
        listeners: [{ address: '*', port: 80, queued: 0, backlog }],
        sysctl: { 'net.ipv4.tcp_syncookies': cookies, 'net.ipv4.tcp_max_syn_backlog': most },
      },
    },
  });

describe('real-server/syn-backlog', () => {
  it('passes with cookies, or with room', () => {
    expect(when('1', '128').outcome).to.equal('pass');
    expect(when('2', '128').outcome).to.equal('pass');
    expect(when('0', '4096', 30).outcome).to.equal('pass');
    expect(when('0', '4096', 3000, 0).outcome, 'a queue of unknown length').to.equal('pass');
  });

  it('warns without either, by the smaller limit', () => {
    const { outcome, reason, remedy } = finding(when('0', '4096'));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('room for 511').and.include('1000 at once');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.tcp_syncookies=1']);
    expect(finding(when('0', '128')).reason).to.include('room for 96');
  });

  it('does not apply where nothing listens, nor to UDP', () => {
    const facts = { rs1: { listeners: [], sysctl: {} } };
    expect(judge(check, { facts }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aClusterWith({ protocol: 'udp' }) }).outcome).to.equal('not-applicable');
  });
});
