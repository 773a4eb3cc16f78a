import { address } from './address.ts';
import { firewall } from './firewall.ts';
import { replyRoute } from './reply-route.ts';
import { webService } from './web-service.ts';
import type { Check } from '../../lib/model/check.ts';

/** In the order a packet would meet them. */
export const realServerChecks: readonly Check[] = [address, firewall, webService, replyRoute];
