import { expect } from 'chai';
import { daemon } from '../../../../checks/ha/daemon.ts';
import { missing, type Units } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aCluster } from '../../../builders.ts';
import { aPair } from '../../../pair-facts.ts';
import { pairJudged } from './pair.ts';

const unit = (active: string, enabled: string): Units => ({
  systemd: true,
  units: [{ name: 'keepalived.service', active, enabled }],
});
const first = (units: Units, running = true) =>
  pairJudged(daemon, { director1: { units, keepalived: { version: '2.2.7', running } } });

describe('ha/daemon', () => {
  it('passes where it runs and is enabled, and by its process where systemd is not', () => {
    expect(pairJudged(daemon).outcome).to.equal('pass');
    expect(first({ systemd: false, units: [] }).outcome).to.equal('pass');
    expect(pairJudged(daemon, { director1: { units: missing('unsupported', 'no systemd') } }).outcome).to.equal('pass');
  });

  it('fails where it does not run, failed or is not installed', () => {
    const stopped = finding(first(unit('inactive', 'enabled'), false));
    expect(stopped.reason).to.equal('director1 does not run keepalived');
    expect(stopped.remedy?.commands).to.include('systemctl start keepalived');
    expect(finding(first(unit('failed', 'enabled'), false)).reason).to.include('the unit failed');
    const absent = finding(
      pairJudged(daemon, { director1: { keepalived: { running: false }, units: { systemd: true, units: [] } } }),
    );
    expect(absent.reason).to.include('not installed');
    expect(absent.remedy).to.equal(undefined);
  });

  it('fails where nobody starts it at boot', () => {
    const { reason, remedy } = finding(first(unit('active', 'disabled')));
    expect(reason).to.include('disabled: after a boot nobody starts it');
    expect(remedy?.commands).to.deep.equal(['systemctl enable keepalived']);
    expect(finding(first(unit('active', 'masked'))).remedy?.commands[0]).to.include('unmask');
  });

  it('cannot tell about the boot where units did not come', () => {
    expect(pairJudged(daemon, { director1: { units: missing('deadline', 'late') } }).outcome).to.equal('error');
  });

  it('does not apply to one director, or where nobody has it or asks for it', () => {
    expect(judge(daemon).outcome).to.equal('not-applicable');
    const nobody = { keepalived: { running: false }, units: { systemd: true, units: [] } };
    const undeclared = aCluster({ directors: aPair().directors });
    expect(pairJudged(daemon, { director1: nobody, director2: nobody }, undeclared).outcome).to.equal('not-applicable');
    expect(pairJudged(daemon, { director1: nobody, director2: nobody }).outcome).to.equal('fail');
  });
});
