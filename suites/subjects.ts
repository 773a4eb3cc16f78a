/** Which subjects each scope has in a cluster. */
import type { Check, Scope, Subject } from '../lib/model/check.ts';
import { type Cluster, hostsOf } from '../lib/model/cluster.ts';

const subjectsOfScope: Readonly<Record<Scope, (cluster: Cluster) => readonly Subject[]>> = {
  host: (cluster) => hostsOf(cluster).map((host) => ({ cluster, host })),
  director: (cluster) => cluster.directors.map((host) => ({ cluster, host })),
  'director-service': (cluster) =>
    cluster.directors.flatMap((host) => cluster.virtualServices.map((service) => ({ cluster, host, service }))),
  'real-server': (cluster) => cluster.realServers.map((host) => ({ cluster, host })),
  'real-server-service': (cluster) =>
    cluster.virtualServices.flatMap((service) =>
      service.destinations.map((destination) => ({ cluster, host: destination.realServer, service, destination })),
    ),
  client: (cluster) => cluster.clients.map((host) => ({ cluster, host })),
  'client-service': (cluster) =>
    cluster.clients.flatMap((host) => cluster.virtualServices.map((service) => ({ cluster, host, service }))),
  service: (cluster) => {
    const [host] = cluster.directors;
    const [client] = cluster.clients;
    if (host === undefined || client === undefined) return [];
    return cluster.virtualServices.map((service) => ({ cluster, host, client, service }));
  },
};

export function subjectsOf(cluster: Cluster, check: Check): readonly Subject[] {
  const subjects = subjectsOfScope[check.scope](cluster);
  return check.hosts === undefined
    ? subjects
    : subjects.filter(({ host }) => check.hosts?.includes(host.name) === true);
}
