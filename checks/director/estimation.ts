import { isBefore, kernelVersion } from '../kernel.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';

const key = 'net.ipv4.vs.run_estimation';
/** Services and destinations that one softirq could still look at every two seconds without being noticed. */
const mostEstimators = 10_000;

/** Totals and rates are brought up to date by estimators alone; before Linux 6.2 all of them ran in one timer. */
export const estimation = defineCheck({
  id: 'director/estimation',
  title: 'Counters of IPVS are kept up to date, and cheaply',
  failureTitle: 'Counters of IPVS stand still, or keeping them costs latency',
  sees: ['estimator-overhead'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['sysctl', 'ipvsRules', 'os'],
  doc: {
    why:
      'With run_estimation=0 what `ipvsadm -Ln --stats` and --rate show is what it was when estimation ended: shares, and packets ' +
      'lost between director and real servers, cannot be told from it. With tens of thousands of services an older kernel ' +
      'stops for all of them every two seconds.',
    byHand: ['sysctl net.ipv4.vs.run_estimation', 'ipvsadm -Ln --stats', 'uname -r'],
    references: [
      'Documentation/networking/ipvs-sysctl.rst (run_estimation, est_cpulist)',
      'net/netfilter/ipvs/ip_vs_est.c',
    ],
  },
  evaluate({ sysctl, ipvsRules, os }, { host }, { evidence }) {
    const estimators = ipvsRules.services.reduce((sum, { destinations }) => sum + 1 + destinations.length, 0);
    // Kernels without the setting always estimate.
    const on = sysctl[key] !== '0';
    const found = { [key]: sysctl[key] ?? 'always', estimators, kernel: os.kernel };
    const quoted = [quote(evidence('sysctl'), key)];
    if (!on) {
      return fail({
        reason: `${host.name} has ${key}=0: counters and rates of IPVS stand still`,
        found,
        expected: { [key]: '1' },
        evidence: quoted,
        remedy: setSysctl(host.name, 'Keep the counters up to date', key, '1', '0'),
      });
    }
    const version = kernelVersion(os.kernel);
    if (estimators > mostEstimators && version !== undefined && isBefore(version, [6, 2])) {
      return fail({
        reason: `${host.name} has ${estimators} services and destinations, all counted in one timer by Linux ${os.kernel}`,
        found,
        expected: `Linux 6.2 or later, or at most ${mostEstimators} services and destinations`,
        evidence: [...quoted, evidence('os')],
      });
    }
    return pass(found, quoted);
  },
});
