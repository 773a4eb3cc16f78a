import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';

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
  evaluate({ sysctl }, { host }, { evidence }) {
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
    if (most === 0 || entries < most * nearlyFull) return pass(found, [shown]);
    const finding = {
      reason: `${host.name} tracks ${entries} connections of ${most} at most: when there are no more, new ones are dropped`,
      found,
      expected: `fewer than ${Math.floor(most * nearlyFull)} entries`,
      evidence: [shown],
      remedy: setSysctl(
        host.name,
        'Let it track more connections',
        'net.netfilter.nf_conntrack_max',
        String(most * 4),
        String(most),
      ),
    };
    return entries >= most ? fail(finding) : warn(finding);
  },
});
