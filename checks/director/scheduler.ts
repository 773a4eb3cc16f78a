import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

export const scheduler = defineCheck({
  id: 'director/scheduler',
  title: "Kernel has the service's scheduler",
  failureTitle: "Kernel cannot load the service's scheduler",
  sees: ['scheduler-module-missing'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['ipvsSupport'],
  doc: {
    why:
      'Each scheduler is a module of its own. Without it `ipvsadm -A -s` fails with "Scheduler or persistence engine not ' +
      'found"; keepalived logs that and goes on without the service.',
    byHand: ['modinfo -n ip_vs_SCHEDULER', 'modprobe -n -v ip_vs_SCHEDULER'],
    references: ['net/netfilter/ipvs/ip_vs_sched.c', 'ipvsadm(8)'],
  },
  evaluate({ ipvsSupport }, { host, service }, { evidence }) {
    const quoted = [quote(evidence('ipvsSupport'), service.scheduler, `ip_vs_${service.scheduler}`)];
    const present = ipvsSupport.schedulers[service.scheduler];
    if (present === undefined) {
      return cannotTell(`${host.name} did not say whether its kernel has the scheduler ${service.scheduler}`, quoted);
    }
    const available = Object.keys(ipvsSupport.schedulers).filter((name) => ipvsSupport.schedulers[name] === true);
    if (present) return pass({ available }, quoted);
    return fail({
      reason:
        `${host.name} cannot load the scheduler ${service.scheduler} of service ${service.name}` +
        (available.length === 0 ? '' : `; it has ${listed(available)}`),
      found: { available },
      expected: service.scheduler,
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: `Load ip_vs_${service.scheduler}, or choose a scheduler the kernel has`,
        commands: [`modprobe ip_vs_${service.scheduler}`],
        persistent: [`echo ip_vs_${service.scheduler} >> /etc/modules-load.d/ipvs.conf`],
        undo: [
          `modprobe -r ip_vs_${service.scheduler}`,
          `sed -i '/^ip_vs_${service.scheduler}$/d' /etc/modules-load.d/ipvs.conf`,
        ],
      },
    });
  },
});
