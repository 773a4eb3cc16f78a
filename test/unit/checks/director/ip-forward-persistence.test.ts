import { expect } from 'chai';
import { ipForwardPersistence } from '../../../../checks/director/ip-forward-persistence.ts';
import type { PersistedSysctls } from '../../../../lib/model/facts.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const whenSet = (persistedSysctl: PersistedSysctls) =>
  judge(ipForwardPersistence, { facts: { director1: { persistedSysctl } } });

describe('director/ip-forward-persistence', () => {
  it('is a recommendation', () => {
    expect(ipForwardPersistence.severity).to.equal('recommended');
  });

  it('passes when a file sets it', () => {
    expect(judge(ipForwardPersistence).outcome).to.equal('pass');
  });

  it('passes when a file sets it by its other name', () => {
    expect(whenSet({ 'net.ipv4.conf.all.forwarding': { value: '1', file: '/etc/sysctl.d/a.conf' } }).outcome).to.equal(
      'pass',
    );
  });

  it('fails when no file sets it, and writes one', () => {
    const { outcome, reason, remedy } = finding(whenSet({}));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1').and.include('no file');
    expect(remedy?.commands[0]).to.include("'net.ipv4.ip_forward=1' >>");
    expect(remedy?.undo?.[0]).to.include(String.raw`/^net\.ipv4\.ip_forward=/d`);
  });

  it('fails when the last assignment says 0, names the file and mends that one', () => {
    const { reason, remedy } = finding(
      whenSet({ 'net.ipv4.ip_forward': { value: '0', file: '/etc/sysctl.d/99-z.conf' } }),
    );
    expect(reason).to.include('/etc/sysctl.d/99-z.conf');
    expect(remedy?.commands[0]).to.match(/^sed .* \/etc\/sysctl\.d\/99-z\.conf$/);
    expect(remedy?.undo).to.deep.equal(['mv /etc/sysctl.d/99-z.conf.before-ipvet /etc/sysctl.d/99-z.conf']);
  });

  it('does not apply without NAT', () => {
    expect(judge(ipForwardPersistence, { cluster: aClusterWith({ forwarding: 'dr' }) }).outcome).to.equal(
      'not-applicable',
    );
  });
});
