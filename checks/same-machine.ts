import type { ClusterHost } from '../lib/model/cluster.ts';

/** Whether two hosts of the cluster file are one machine, as two clients in namespaces of this one are. */
export function sameMachine(one: ClusterHost, other: ClusterHost): boolean {
  if (one.name === other.name) return true;
  return one.host === other.host && one.port === other.port && one.jump === other.jump;
}
