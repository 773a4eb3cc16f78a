import { expect } from 'chai';
import { scheduler } from '../../../../checks/director/scheduler.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (schedulers: Record<string, boolean>) =>
  judge(scheduler, {
    cluster: aClusterWith({ scheduler: 'mh' }),
    facts: { director1: { ipvsSupport: { loaded: true, schedulers } } },
  });

describe('director/scheduler', () => {
  it('passes when the kernel has it', () => {
    expect(when({ mh: true, rr: false })).to.deep.include({ outcome: 'pass', found: { available: ['mh'] } });
  });

  it('fails when it cannot be loaded, and says what there is', () => {
    const { outcome, reason, remedy } = finding(when({ mh: false, rr: true, wrr: true }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1').and.include('mh').and.include('rr and wrr');
    expect(remedy?.commands).to.deep.equal(['modprobe ip_vs_mh']);
    expect(remedy?.undo?.[1]).to.equal("sed -i '/^ip_vs_mh$/d' /etc/modules-load.d/ipvs.conf");
  });

  it('cannot tell about a scheduler nobody asked for', () => {
    expect(when({ rr: true }).outcome).to.equal('error');
  });
});
