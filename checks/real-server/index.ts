import { acceptQueue } from './accept-queue.ts';
import { address } from './address.ts';
import { arpAnnouncement } from './arp-announcement.ts';
import { arpSuppression } from './arp-suppression.ts';
import { firewall } from './firewall.ts';
import { nextHopNeighbour } from './next-hop-neighbour.ts';
import { replyRoute } from './reply-route.ts';
import { reversePathFilter } from './reverse-path-filter.ts';
import { synBacklog } from './syn-backlog.ts';
import { timeWaitRecycling } from './time-wait-recycling.ts';
import { tunnelMtu } from './tunnel-mtu.ts';
import { tunnel } from './tunnel.ts';
import { udpListener } from './udp-listener.ts';
import { vipInterface } from './vip-interface.ts';
import { vipPrefix } from './vip-prefix.ts';
import { vipReplyGateway } from './vip-reply-gateway.ts';
import { vipReplyRoute } from './vip-reply-route.ts';
import { vipSource } from './vip-source.ts';
import { vip } from './vip.ts';
import { webService } from './web-service.ts';
import type { Check } from '../../lib/model/check.ts';

/** In the order a packet would meet them. */
export const realServerChecks: readonly Check[] = [
  address,
  tunnel,
  vip,
  vipPrefix,
  vipInterface,
  arpSuppression,
  arpAnnouncement,
  reversePathFilter,
  firewall,
  webService,
  udpListener,
  acceptQueue,
  synBacklog,
  timeWaitRecycling,
  replyRoute,
  vipReplyRoute,
  vipReplyGateway,
  nextHopNeighbour,
  vipSource,
  tunnelMtu,
];
