import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

const key = 'net.ipv4.vs.expire_nodest_conn';

/**
 * Zero is the kernel's default, and harmless where a destination is drained with weight 0 before it goes. A health
 * checker takes it out at once.
 */
export const removedDestinations = defineCheck({
  id: 'director/removed-destinations',
  title: 'Connections of a destination that a health check removed end at once',
  failureTitle: 'Connections of a destination that a health check removed hang',
  sees: ['expire-nodest-blackhole', 'udp-stale-destination'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['sysctl'],
  inapplicable: ({ cluster }) =>
    cluster.rules.managedBy === 'keepalived'
      ? undefined
      : 'The cluster file names no manager that removes destinations by itself: drain them with weight 0 first',
  doc: {
    why:
      'With expire_nodest_conn=0 packets of a connection whose destination is gone are dropped in silence until the entry runs ' +
      'out: 900 s for an established one, and for UDP from a fixed source port as long as it goes on sending. Clients that use ' +
      'a source port again hang as well. With 1 the client gets an RST and connects anew.',
    byHand: ['sysctl net.ipv4.vs.expire_nodest_conn', 'ipvsadm -Lnc', 'ipvsadm -Ln'],
    references: [
      'Documentation/networking/ipvs-sysctl.rst (expire_nodest_conn)',
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_in_hook)',
      'keepalived.conf(5), inhibit_on_failure',
    ],
  },
  evaluate({ sysctl }, { cluster, host }, { evidence }) {
    const value = sysctl[key];
    if (value === undefined) return notApplicable(`${host.name} has not loaded IPVS, so it has none of its settings`);
    const quoted = [quote(evidence('sysctl'), key)];
    const found = { [key]: value };
    if (value !== '0') return pass(found, quoted);
    return fail({
      reason: `${host.name} has ${key}=0: when keepalived removes a destination, its connections hang until they run out`,
      faults: cluster.virtualServices.some(({ protocol }) => protocol === 'udp')
        ? ['expire-nodest-blackhole', 'udp-stale-destination']
        : ['expire-nodest-blackhole'],
      found,
      expected: { [key]: '1' },
      evidence: quoted,
      remedy: setSysctl(host.name, 'End connections whose destination is gone', key, '1', '0'),
    });
  },
});
