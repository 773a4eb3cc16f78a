/** The registry, in the order rules are tried: where two name the same cause, the first has the word. */
import type { Rule } from '../rule.ts';
import { directorForwarding } from './director-forwarding.ts';
import { finding } from './finding.ts';
import { ipvsAbsent } from './ipvs-absent.ts';
import { largeRequests } from './large-requests.ts';
import { overflow } from './overflow.ts';
import { probing } from './probing.ts';
import { realServerService } from './real-server-service.ts';
import { replyRoute } from './reply-route.ts';
import { vipAbsent } from './vip-absent.ts';

export const rules: readonly Rule[] = [
  ipvsAbsent,
  vipAbsent,
  directorForwarding,
  replyRoute,
  realServerService,
  finding,
  largeRequests,
  overflow,
  probing,
];
