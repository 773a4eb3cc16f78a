import { expect } from 'chai';
import { acceptQueue as check } from '../../../../checks/real-server/accept-queue.ts';
import { aClusterWith, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (queued: number, backlog: number, concurrency = 10, sysctl: Readonly<Record<string, string>> = {}) =>
  judge(check, {
    cluster: aClusterWith({}, { loadProfiles: [aProfile({ concurrency })] }),
    facts: { rs1: { listeners: [{ address: '*', port: 80, queued, backlog }], sysctl } },
  });

describe('real-server/accept-queue', () => {
  it('passes with room for its part of the load', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when(3, 128).outcome).to.equal('pass');
    expect(when(0, 128, 300).outcome).to.equal('pass');
    expect(when(0, 0, 300).outcome, 'a length that is not known').to.equal('pass');
  });

  it('finds a program that accepts nothing', () => {
    const { outcome, reason } = finding(when(128, 128));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('128 connections waiting');
  });

  it('warns of a queue shorter than its part of the load', () => {
    const { outcome, reason, remedy } = finding(when(0, 128, 1000, { 'net.core.somaxconn': '128' }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('room for 128').and.include('334 at once').and.include('somaxconn');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.core.somaxconn=4096']);
    expect(finding(when(0, 128, 1000, { 'net.core.somaxconn': '4096' })).remedy).to.equal(undefined);
  });

  it('does not apply where nothing listens, nor to UDP', () => {
    expect(judge(check, { facts: { rs1: { listeners: [] } } }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aClusterWith({ protocol: 'udp' }) }).outcome).to.equal('not-applicable');
  });
});
