import { counted } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** Entries a bucket from which looking one up costs more than the rest of the packet's way. */
const mostPerBucket = 8;

/** The table is one for all services, and its size is fixed when the module is loaded. */
export const connectionTable = defineCheck({
  id: 'director/connection-table',
  title: 'Connection table has buckets enough for its entries',
  failureTitle: 'Connection table has long chains: every packet searches one',
  sees: ['conn-table-collisions'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['ipvsTable'],
  doc: {
    why:
      'Each packet is looked up in one of 2^conn_tab_bits chains (4096 by default). A million entries are 250 a chain: the ' +
      'director spends its time in softirq, and latency grows with the load. An entry rests up to two minutes after its ' +
      'connection, so a load of short connections holds many more than are open.',
    byHand: [
      'head -1 /proc/net/ip_vs',
      'cat /sys/module/ip_vs/parameters/conn_tab_bits',
      'wc -l < /proc/net/ip_vs_conn',
    ],
    references: ['net/netfilter/ipvs/Kconfig (IP_VS_TAB_BITS)', 'modprobe.d(5)'],
  },
  evaluate({ ipvsTable: { buckets, entries } }, { cluster, host }, { evidence }) {
    if (buckets === 0) return notApplicable(`${host.name} has no connection table`);
    const [largest] = [...cluster.loadProfiles]
      .sort((a, b) => b.requests - a.requests)
      .filter(({ mode }) => mode === 'ab');
    const most = Math.max(entries, largest?.requests ?? 0);
    const found = {
      buckets,
      entries,
      ...(largest === undefined ? {} : { [`most with profile ${largest.name}`]: largest.requests }),
    };
    const quoted = [evidence('ipvsTable')];
    if (most <= buckets * mostPerBucket) return pass(found, quoted);
    const bits = Math.min(20, Math.ceil(Math.log2(most)));
    return fail({
      reason:
        entries > buckets * mostPerBucket || largest === undefined
          ? `${host.name} has ${counted(entries, 'entry', 'entries')} in ${buckets} buckets, ${Math.round(entries / buckets)} each`
          : `${host.name} has ${buckets} buckets, and profile ${largest.name} may leave ${largest.requests} entries in them, ${Math.round(largest.requests / buckets)} each`,
      found,
      expected: { buckets: `at least ${Math.ceil(most / mostPerBucket)}` },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Load ip_vs with more buckets at the next boot; loading it again now would lose rules and connections',
        commands: [`echo 'options ip_vs conn_tab_bits=${bits}' > /etc/modprobe.d/ip_vs.conf`],
        undo: ['rm -f /etc/modprobe.d/ip_vs.conf'],
      },
    });
  },
});
