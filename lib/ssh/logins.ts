/** As whom ipvet would log in to each host: from the cluster file and ssh's configuration; no host is touched. */
import { userInfo } from 'node:os';

import { type Cluster, hostsOf } from '../model/cluster.ts';
import type { Login } from './line.ts';
import { Routes } from './routes.ts';

/** By name of the host. Throws SSH_CONFIG, CONFIG, ABORTED. */
export async function loginsOf(cluster: Cluster, signal: AbortSignal): Promise<ReadonlyMap<string, Login>> {
  const routes = new Routes(cluster, signal);
  const { become } = cluster.ssh;
  const logins = hostsOf(cluster).map(async (declaration): Promise<[string, Login]> => {
    const user = declaration.host === 'localhost' ? localUser() : (await routes.to(declaration)).config.user;
    return [declaration.name, { declaration, user, become }];
  });
  return new Map(await Promise.all(logins));
}

/** Whoever runs ipvet; root by whatever name. */
export function localUser(): string {
  return process.getuid?.() === 0 ? 'root' : userInfo().username;
}
