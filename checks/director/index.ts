import { addresses } from './addresses.ts';
import { clientRoute } from './client-route.ts';
import { connectionReuse } from './connection-reuse.ts';
import { connectionTable } from './connection-table.ts';
import { connectionTimeouts } from './connection-timeouts.ts';
import { destinationPort } from './destination-port.ts';
import { estimation } from './estimation.ts';
import { firewall } from './firewall.ts';
import { ftpApplication } from './ftp-application.ts';
import { ipForward } from './ip-forward.ts';
import { ipForwardPersistence } from './ip-forward-persistence.ts';
import { ipVsModule } from './ip-vs-module.ts';
import { ipvsadm } from './ipvsadm.ts';
import { localDestination } from './local-destination.ts';
import { neighbours } from './neighbours.ts';
import { offloads } from './offloads.ts';
import { overloadDefences } from './overload-defences.ts';
import { realServerReach } from './real-server-reach.ts';
import { realServerRole } from './real-server-role.ts';
import { realServerRoute } from './real-server-route.ts';
import { realServerSegment } from './real-server-segment.ts';
import { redirects } from './redirects.ts';
import { removedDestinations } from './removed-destinations.ts';
import { reversePathFilter } from './reverse-path-filter.ts';
import { rulesKeeper } from './rules-keeper.ts';
import { rulesPersistence } from './rules-persistence.ts';
import { scheduler } from './scheduler.ts';
import { sourceAddress } from './source-address.ts';
import { tunnelType } from './tunnel-type.ts';
import { vip } from './vip.ts';
import { icmpFilter } from './icmp-filter.ts';
import { vipRetention } from './vip-retention.ts';
import { vipTranslation } from './vip-translation.ts';
import { masquerade } from './masquerade.ts';
import { firewallMark } from './firewall-mark.ts';
import { vrrpFilter } from './vrrp-filter.ts';
import type { Check } from '../../lib/model/check.ts';

/** In the order an operator would look. */
export const directorChecks: readonly Check[] = [
  addresses,
  vip,
  sourceAddress,
  ipForward,
  ipForwardPersistence,
  reversePathFilter,
  redirects,
  clientRoute,
  ipvsadm,
  ipVsModule,
  scheduler,
  ftpApplication,
  firewall,
  icmpFilter,
  vipTranslation,
  masquerade,
  firewallMark,
  vrrpFilter,
  realServerReach,
  realServerRoute,
  realServerSegment,
  neighbours,
  localDestination,
  offloads,
  realServerRole,
  connectionTable,
  connectionTimeouts,
  connectionReuse,
  removedDestinations,
  overloadDefences,
  estimation,
  tunnelType,
  destinationPort,
  rulesPersistence,
  rulesKeeper,
  vipRetention,
];
