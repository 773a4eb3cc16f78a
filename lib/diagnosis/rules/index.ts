/** The registry, in the order rules are tried. */
import type { Rule } from '../rule.ts';
import { directorForwarding } from './director-forwarding.ts';
import { realServerService } from './real-server-service.ts';
import { replyRoute } from './reply-route.ts';
import { vipAbsent } from './vip-absent.ts';

export const rules: readonly Rule[] = [vipAbsent, directorForwarding, replyRoute, realServerService];
