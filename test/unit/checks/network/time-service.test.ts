import { expect } from 'chai';
import { timeService } from '../../../../checks/network/time-service.ts';
import type { ClockReading } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (change: Partial<ClockReading>) =>
  judge(timeService, {
    on: 'rs2',
    facts: { rs2: { clock: { offsetMs: 0, errorMs: 1, source: 'chrony', ...change } } },
  });

describe('network/time-service', () => {
  it('is a recommendation', () => {
    expect(timeService.severity).to.equal('recommended');
  });

  for (const source of ['chrony', 'ntpd', 'systemd-timesyncd'] as const) {
    it(`passes when ${source} is synchronised, and fails when it is not`, () => {
      expect(when({ source, synchronised: true }).outcome).to.equal('pass');
      expect(finding(when({ source, synchronised: false })).reason).to.include(`rs2 runs ${source}`);
    });
  }

  it('passes where the machine beneath keeps the clock', () => {
    expect(when({ source: 'host-machine' }).outcome).to.equal('pass');
  });

  it('fails without a service, and installs one', () => {
    const { outcome, remedy } = finding(when({ source: 'none' }));
    expect(outcome).to.equal('fail');
    expect(remedy?.commands[0]).to.include('chrony');
  });

  it('does not apply to a client', () => {
    const judgement = judge(timeService, {
      on: 'client1',
      facts: { client1: { clock: { offsetMs: 0, errorMs: 1, source: 'none' } } },
    });
    expect(judgement.outcome).to.equal('not-applicable');
  });

  it('cannot tell what is not said', () => {
    expect(when({ source: 'unknown' }).outcome).to.equal('error');
    expect(when({ source: 'ntpd' }).outcome).to.equal('error');
  });
});
