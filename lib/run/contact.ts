/** What a record says of a host that was asked: who it is, or why it did not answer. */
import type { IpvetError } from '../errors.ts';
import type { HostReport } from '../facts/collect.ts';
import type { ClusterHost } from '../model/cluster.ts';
import type { HostContact } from '../model/run-record.ts';

export function contactOf(host: ClusterHost, report: Pick<HostReport, 'facts' | 'durationMs'>): HostContact {
  const { privilege, os } = report.facts;
  return {
    name: host.name,
    role: host.role,
    reachable: true,
    factsMs: Math.round(report.durationMs),
    ...(privilege?.known ? { user: privilege.value.user } : {}),
    ...(os?.known ? { os: os.value.prettyName, kernel: os.value.kernel } : {}),
  };
}

export function unreachableContact(host: ClusterHost, error: IpvetError): HostContact {
  return {
    name: host.name,
    role: host.role,
    reachable: false,
    error: { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
  };
}
