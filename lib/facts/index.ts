import type { HostFactName } from '../model/facts.ts';
import { addresses } from './addresses.ts';
import { clock } from './clock.ts';
import type { Collector } from './collector.ts';
import { firewall } from './firewall.ts';
import { hostname } from './hostname.ts';
import { hostsFile } from './hosts-file.ts';
import { httpProbes } from './http-probes.ts';
import { connectionSync } from './connection-sync.ts';
import { keepalived } from './keepalived.ts';
import { keepalivedConf } from './keepalived-conf.ts';
import { keepalivedJournal } from './keepalived-journal.ts';
import { keepalivedTest } from './keepalived-test.ts';
import { multicast } from './multicast.ts';
import { ipvsRules } from './ipvs-rules.ts';
import { ipvsSupport } from './ipvs-support.ts';
import { ipvsTable } from './ipvs-table.ts';
import { limits } from './limits.ts';
import { links } from './links.ts';
import { listeners } from './listeners.ts';
import { machineId } from './machine-id.ts';
import { modules } from './modules.ts';
import { names } from './names.ts';
import { neighbours } from './neighbours.ts';
import { offloads } from './offloads.ts';
import { operatingSystem } from './operating-system.ts';
import { packageOffer } from './package-offer.ts';
import { persistedNetwork } from './persisted-network.ts';
import { persistedSysctl } from './persisted-sysctl.ts';
import { privilege } from './privilege.ts';
import { routes } from './routes.ts';
import { savedRules } from './saved-rules.ts';
import { selinuxDenials } from './selinux-denials.ts';
import { selinux } from './selinux.ts';
import { sshTrust } from './ssh-trust.ts';
import { sysctl } from './sysctl.ts';
import { units } from './units.ts';
import { vipCensus } from './vip-census.ts';

/**
 * Every collector, in the order their scripts run: what answers at once comes first, what may wait for something
 * outside the host (a page, a name server, a home directory) last.
 */
const inOrder = {
  privilege,
  os: operatingSystem,
  hostname,
  sysctl,
  persistedSysctl,
  hostsFile,
  selinux,
  limits,
  machineId,
  modules,
  links,
  addresses,
  routes,
  // Last of what ip is asked: a table without end costs no other answer.
  neighbours,
  offloads,
  listeners,
  ipvsSupport,
  ipvsRules,
  ipvsTable,
  firewall,
  units,
  clock,
  httpProbes,
  names,
  sshTrust,
  savedRules,
  multicast,
  keepalived,
  keepalivedConf,
  keepalivedTest,
  keepalivedJournal,
  connectionSync,
  persistedNetwork,
  selinuxDenials,
  packageOffer,
  vipCensus,
} satisfies { readonly [N in HostFactName]: Collector<N> };

export const collectors: readonly Collector[] = Object.values(inOrder);
