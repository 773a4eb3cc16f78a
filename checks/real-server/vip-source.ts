import { entryOf, isIpv6, sameAddress } from '../address.ts';
import { notDirect } from '../direct-forwarding.ts';
import { keepDeprecated } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix } from '../remedies.ts';
import { defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** What the real server begins itself must come from its own address: answers to the VIP go to the director. */
export const vipSource = defineCheck({
  id: 'real-server/vip-source',
  title: 'Real server begins no connections of its own from the VIP',
  failureTitle: 'Real server begins its own connections from the VIP',
  sees: ['v6-vip-as-source'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['addresses', 'routes'],
  requiresOfAll: ['persistedNetwork'],
  inapplicable: notDirect,
  doc: {
    why:
      'Where the kernel picks the VIP as the source, answers come to the director in place of the real server: its own ' +
      'look-ups, updates and back-end connections time out. An IPv6 address with preferred_lft 0 is used for answers only.',
    byHand: ['ip route get CIP # src', 'ip -6 address show dev lo # deprecated'],
    references: ['RFC 6724', 'ip-address(8), preferred_lft'],
  },
  evaluate({ addresses, routes }, { host, service }, { evidence, everyone }) {
    const { vip } = service;
    const entry = entryOf(addresses, vip);
    if (entry === undefined) return notApplicable(`${host.name} has the VIP ${vip} on no interface`);
    const quoted = [quote(evidence('addresses'), vip)];
    const deprecated = entry.flags?.includes('deprecated') === true;
    const own = routes.filter(({ from, outcome }) => from === undefined && outcome === 'unicast');
    const chosen = own.find(({ source }) => source !== undefined && sameAddress(source, vip));
    const found = { interface: entry.interface, deprecated, source: chosen?.source ?? 'another address' };
    if (chosen === undefined) return pass(found, quoted);
    return warn({
      reason: `${host.name} would begin a connection to ${chosen.destination} from the VIP ${vip}, and the answer would go to the director`,
      found,
      expected: { source: host.rip },
      evidence: [...quoted, quote(evidence('routes'), chosen.destination)],
      ...(isIpv6(vip)
        ? {
            remedy: lasting(
              {
                host: host.name,
                summary: 'Use the VIP for answers only',
                commands: [`ip -6 address change ${hostPrefix(vip)} dev ${shellWord(entry.interface)} preferred_lft 0`],
                undo: [
                  `ip -6 address change ${hostPrefix(vip)} dev ${shellWord(entry.interface)} preferred_lft forever`,
                ],
              },
              keepDeprecated(persistedOf(everyone.get(host.name)), { ...entry, address: vip }),
            ),
          }
        : {}),
    });
  },
});
