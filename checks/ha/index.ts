import { advertInterval } from './advert-interval.ts';
import { advertPath } from './advert-path.ts';
import { advertsTaken } from './adverts-taken.ts';
import { authentication } from './authentication.ts';
import { backupOnly } from './backup-only.ts';
import { configuration } from './configuration.ts';
import { daemon } from './daemon.ts';
import { gateway } from './gateway.ts';
import { gratuitousArp } from './gratuitous-arp.ts';
import { healthChecks } from './health-checks.ts';
import { priority } from './priority.ts';
import { standbyKernel } from './standby-kernel.ts';
import { standbyRules } from './standby-rules.ts';
import { syncDaemon } from './sync-daemon.ts';
import { syncGroup } from './sync-group.ts';
import { syncPath } from './sync-path.ts';
import { syncThreshold } from './sync-threshold.ts';
import { transitions } from './transitions.ts';
import { unicastPeers } from './unicast-peers.ts';
import { vipAcceptance } from './vip-acceptance.ts';
import { vipHolder } from './vip-holder.ts';
import { virtualAddresses } from './virtual-addresses.ts';
import { virtualRouterId } from './virtual-router-id.ts';
import { vrrpInterface } from './vrrp-interface.ts';
import type { Check } from '../../lib/model/check.ts';

/** In the order an operator would look. */
export const haChecks: readonly Check[] = [
  daemon,
  configuration,
  vrrpInterface,
  virtualRouterId,
  authentication,
  advertInterval,
  virtualAddresses,
  priority,
  unicastPeers,
  vipAcceptance,
  syncGroup,
  gateway,
  gratuitousArp,
  advertPath,
  advertsTaken,
  transitions,
  vipHolder,
  standbyRules,
  standbyKernel,
  syncDaemon,
  syncPath,
  syncThreshold,
  backupOnly,
  healthChecks,
];
