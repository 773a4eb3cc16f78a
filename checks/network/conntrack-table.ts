import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { counted } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { Sysctls } from '../../lib/model/facts.ts';

/** From here on a burst may fill it. */
const nearlyFull = 0.8;

/** A full table drops the first packet of every new connection, on a director before IPVS sees it. */
export const conntrackTable = defineCheck({
  id: 'network/conntrack-table',
  title: 'Connection tracking has room',
  failureTitle: 'Connection tracking is nearly full',
  sees: ['director-conntrack-full', 'rs-conntrack-full'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['sysctl'],
  doc: {
    why:
      'Once nf_conntrack_count reaches nf_conntrack_max the kernel drops what would begin a connection ("table full, dropping ' +
      'packet"): on a director no entry of IPVS is made, on a real server entries stay in SYN_RECV; clients time out under load.',
    byHand: [
      'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max',
      'cat /proc/net/stat/nf_conntrack',
    ],
    references: ['Documentation/networking/nf_conntrack-sysctl.rst'],
  },
  inapplicable({ host }) {
    return host.role === 'client' ? 'A client tracks connections of its own only' : undefined;
  },
  evaluate({ sysctl }, { cluster, host }, { evidence }) {
    const [count, max] = ['count', 'max'].map((name) => sysctl[`net.netfilter.nf_conntrack_${name}`]);
    if (max === undefined && count === undefined) {
      return notApplicable(`${host.name} tracks no connections: nf_conntrack is not loaded, or not shown here`);
    }
    const shown = quote(evidence('sysctl'), 'net.netfilter.nf_conntrack_count', 'net.netfilter.nf_conntrack_max');
    const [entries, most] = [Number(count), Number(max)];
    if (!Number.isInteger(entries) || !Number.isInteger(most)) {
      return cannotTell(`${host.name} shows nf_conntrack_count "${count ?? ''}" and nf_conntrack_max "${max ?? ''}"`, [
        shown,
      ]);
    }
    const found = { entries, most };
    // 0 is no bound (nf_conntrack_alloc).
    if (most === 0) return pass(found, [shown]);
    const faults = [host.role === 'director' ? 'director-conntrack-full' : 'rs-conntrack-full'] as const;
    const remedy = setSysctl(
      host.name,
      'Let it track more connections',
      'net.netfilter.nf_conntrack_max',
      String(Math.max(most * 4, most + loadOn(cluster, host, sysctl) * 2)),
      String(most),
    );
    if (entries < most * nearlyFull) {
      const added = loadOn(cluster, host, sysctl);
      // Without an entry of its own connections it tracks none, whatever the module is there for.
      if (entries === 0 || entries + added < most) return pass(found, [shown]);
      return warn({
        reason: `${host.name} tracks ${counted(entries, 'connection')} of ${most} at most, and its part of the load may add ${added} within the two minutes that an ended one is kept: when there are no more, new ones are dropped`,
        faults,
        found: { ...found, load: added },
        expected: `room for ${entries + added} entries`,
        evidence: [shown],
        remedy,
      });
    }
    const finding = {
      faults,
      reason: `${host.name} tracks ${entries} connections of ${most} at most: when there are no more, new ones are dropped`,
      found,
      expected: `fewer than ${Math.floor(most * nearlyFull)} entries`,
      evidence: [shown],
      remedy,
    };
    return entries >= most ? fail(finding) : warn(finding);
  },
});

/** Connections of the heaviest profile that pass the host's tracking. IPVS keeps its own out of it unless told otherwise. */
function loadOn(cluster: Cluster, host: ClusterHost, sysctl: Sysctls): number {
  if (host.role === 'director' && sysctl['net.ipv4.vs.conntrack'] !== '1') return 0;
  const heaviest = Math.max(
    0,
    ...cluster.loadProfiles.map(({ mode, requests, concurrency }) => (mode === 'ab' ? requests : concurrency)),
  );
  const shares = cluster.virtualServices.map(({ destinations }) => {
    if (host.role === 'director') return 1;
    return destinations.some(({ realServer }) => realServer.name === host.name) ? 1 / destinations.length : 0;
  });
  return Math.ceil(heaviest * Math.max(0, ...shares));
}
