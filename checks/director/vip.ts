import { entryOf, inPrefix } from '../address.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * IPVS hooks into LOCAL_IN: a packet for the VIP reaches it only when the kernel takes the VIP for its own address.
 * With several directors one of them holds the VIP, and the others are right not to.
 */
export const vip = defineCheck({
  id: 'director/vip',
  title: 'Director holds the VIP on an interface that is up',
  failureTitle: 'VIP is not local to the director',
  sees: ['vip-absent-on-director', 'vip-on-wrong-interface-or-down'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['addresses'],
  requiresOfAll: ['addresses'],
  doc: {
    why:
      'Without the VIP the director neither answers ARP for it nor hands packets to IPVS: clients see "no route to host" ' +
      'after three seconds, and the connection table stays empty.',
    byHand: ['ip -brief address', 'ip route get VIP', 'arping -I INTERFACE VIP # from a client'],
    references: ['net/netfilter/ipvs/ip_vs_core.c', 'ip-address(8)'],
  },
  evaluate(facts, { cluster, host, service }, { evidence, everyone }) {
    const quoted = [quote(evidence('addresses'), service.vip, host.vipInterface)];
    const expected = { address: service.vip, interface: host.vipInterface, up: true };
    const found = entryOf(facts.addresses, service.vip);
    if (found?.up === true) {
      if (found.interface === host.vipInterface) return pass(found, quoted);
      return warn({
        reason: `${host.name} has the VIP ${service.vip} on ${found.interface}; the cluster file says ${host.vipInterface}`,
        found,
        expected,
        evidence: quoted,
      });
    }
    const holder = cluster.directors.find((director) => {
      const other = everyone.get(director.name)?.addresses;
      return director.name !== host.name && other?.known === true && entryOf(other.value, service.vip)?.up === true;
    });
    if (holder !== undefined) {
      return notApplicable(`${holder.name} holds the VIP ${service.vip}, so ${host.name} must not`);
    }
    if (found !== undefined) {
      return fail({
        reason: `${host.name} has the VIP ${service.vip} on ${found.interface}, which is down`,
        found,
        expected,
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: `Bring ${found.interface} up`,
          commands: [`ip link set ${shellWord(found.interface)} up`],
          undo: [`ip link set ${shellWord(found.interface)} down`],
        },
      });
    }
    const prefixes = facts.addresses.map((entry) => `${entry.address}/${entry.prefixLength}`);
    const reachable = prefixes.some((prefix) => inPrefix(service.vip, prefix) === true);
    const where = reachable
      ? ''
      : `, and it lies in no network of the director (${listed(prefixes)}), so neighbours need a route to it`;
    return fail({
      reason: `${host.name} does not have the VIP ${service.vip}${where}`,
      found: null,
      expected,
      evidence: quoted,
      remedy: addVip(host.name, service.vip, host.vipInterface),
    });
  },
});

function addVip(host: string, address: string, name: string): Remedy {
  const ip = ipCommand(address);
  return {
    host,
    summary: `Give ${name} the VIP ${address} and tell the neighbours`,
    commands: [
      `${ip} address add ${hostPrefix(address)} dev ${shellWord(name)}`,
      ...(ip === 'ip' ? [`arping -c 3 -U -I ${shellWord(name)} ${address}`] : []),
    ],
    undo: [`${ip} address del ${hostPrefix(address)} dev ${shellWord(name)}`],
  };
}
