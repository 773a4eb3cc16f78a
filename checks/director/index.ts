import { addresses } from './addresses.ts';
import { firewall } from './firewall.ts';
import { ipForwardPersistence } from './ip-forward-persistence.ts';
import { ipForward } from './ip-forward.ts';
import { ipVsModule } from './ip-vs-module.ts';
import { ipvsadm } from './ipvsadm.ts';
import { realServerReach } from './real-server-reach.ts';
import { scheduler } from './scheduler.ts';
import { vip } from './vip.ts';
import type { Check } from '../../lib/model/check.ts';

/** In the order an operator would look. */
export const directorChecks: readonly Check[] = [
  addresses,
  vip,
  ipForward,
  ipForwardPersistence,
  ipvsadm,
  ipVsModule,
  scheduler,
  firewall,
  realServerReach,
];
