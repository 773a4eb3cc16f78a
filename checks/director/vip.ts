import { entryOf, inPrefix, isIpv6 } from '../address.ts';
import { greaterOf, interfaceKeys } from '../interface-setting.ts';
import { keepAddress } from '../lasting-network.ts';
import { lasting, type Persisted } from '../lasting-places.ts';
import { bringUp } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand, setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { InterfaceAddress, Sysctls } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * IPVS hooks into LOCAL_IN: a packet for the VIP reaches it only when the kernel takes the VIP for its own address.
 * With several directors one of them holds the VIP, and the others are right not to. A `local` route is as good as an
 * address, and a service of a firewall mark needs neither.
 */
export const vip = defineCheck({
  id: 'director/vip',
  title: 'Director holds the VIP on an interface that is up',
  failureTitle: 'VIP is not local to the director',
  sees: ['vip-absent-on-director', 'vip-on-wrong-interface-or-down', 'v6-vip-dad-failed'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['addresses', 'routes', 'sysctl'],
  requiresOfAll: ['addresses', 'persistedNetwork'],
  doc: {
    why:
      'Without the VIP the director neither answers ARP for it nor hands packets to IPVS: clients see "no route to host" ' +
      'after three seconds, and the connection table stays empty. On lo or a dummy interface nobody answers ARP for it while ' +
      'arp_ignore is 1 or more where the question comes in; an IPv6 VIP that failed duplicate detection is not used at all.',
    byHand: ['ip -brief address', 'ip route get VIP', 'arping -I INTERFACE VIP # from a client'],
    references: ['net/netfilter/ipvs/ip_vs_core.c', 'net/ipv4/arp.c (arp_ignore)', 'RFC 4862, 5.4', 'ip-address(8)'],
  },
  evaluate(facts, { cluster, host, service }, { evidence, everyone }) {
    const quoted = [quote(evidence('addresses'), service.vip, host.vipInterface)];
    const persisted = persistedOf(everyone.get(host.name));
    const expected = { address: service.vip, interface: host.vipInterface, up: true };
    const found = entryOf(facts.addresses, service.vip);
    if (found?.up === true) {
      if (found.flags?.includes('dadfailed') === true) {
        return fail({
          reason: `${host.name} has the VIP ${service.vip} on ${found.interface} and does not use it: another host answered for it (dadfailed)`,
          faults: ['v6-vip-dad-failed'],
          found,
          expected,
          evidence: quoted,
          remedy: withoutDetection(host.name, service.vip, found),
        });
      }
      const ingress = silentIngress(facts.addresses, facts.sysctl, host.vipInterface, found);
      if (ingress !== undefined) {
        const [, key] = interfaceKeys('arp_ignore', ingress);
        const all = interfaceKeys('arp_ignore', ingress)[0];
        return fail({
          reason: `${host.name} has the VIP ${service.vip} on ${found.interface}, and with arp_ignore=${greaterOf(facts.sysctl, 'arp_ignore', ingress)} in force on ${ingress} answers nobody who asks for it there`,
          faults: ['vip-on-wrong-interface-or-down'],
          found,
          expected: { address: service.vip, interface: ingress, up: true },
          evidence: [...quoted, quote(evidence('sysctl'), all, key)],
          remedy:
            facts.sysctl[all] === '0'
              ? setSysctl(
                  host.name,
                  `Let ${ingress} answer for addresses of other interfaces`,
                  key,
                  '0',
                  facts.sysctl[key] ?? '1',
                )
              : addVip(host.name, service.vip, ingress, persisted),
        });
      }
      if (found.interface === host.vipInterface) return pass(found, quoted);
      return warn({
        reason: `${host.name} has the VIP ${service.vip} on ${found.interface}; the cluster file says ${host.vipInterface}`,
        faults: ['vip-on-wrong-interface-or-down'],
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
    const isLocal = wayTo(facts.routes, service.vip)?.outcome === 'local';
    if (found === undefined && isLocal) return pass({ route: 'local' }, [quote(evidence('routes'), service.vip)]);
    if (found === undefined && service.fwmark !== undefined) {
      return notApplicable(
        `${host.name} does not have the VIP ${service.vip}, and ${service.name} goes by mark ${service.fwmark}: routing may take its packets in by the mark`,
      );
    }
    if (found !== undefined) {
      const finding = {
        reason: `${host.name} has the VIP ${service.vip} on ${found.interface}, which is down`,
        faults: ['vip-on-wrong-interface-or-down'] as const,
        found,
        expected,
        evidence: quoted,
        remedy: bringUp(host.name, found.interface, persisted),
      };
      // An address stays local when its link goes down, and is answered for on others (fib_sync_down_dev() in fib_semantics.c).
      const entersElsewhere = found.interface !== host.vipInterface && found.interface !== host.interface;
      return isLocal && entersElsewhere
        ? warn({ ...finding, reason: `${finding.reason}; packets for it are taken all the same` })
        : fail(finding);
    }
    const prefixes = facts.addresses.map((entry) => `${entry.address}/${entry.prefixLength}`);
    const reachable = prefixes.some((prefix) => inPrefix(service.vip, prefix) === true);
    const where = reachable
      ? ''
      : `, and it lies in no network of the director (${listed(prefixes)}), so neighbours need a route to it`;
    return fail({
      reason: `${host.name} does not have the VIP ${service.vip}${where}`,
      faults: ['vip-absent-on-director'],
      found: null,
      expected,
      evidence: quoted,
      // What gives it to one director and another is to be asked why it gave it to none.
      ...(cluster.directors.length > 1 || cluster.rules.managedBy === 'keepalived'
        ? {}
        : { remedy: addVip(host.name, service.vip, host.vipInterface, persisted) }),
    });
  },
});

function addVip(host: string, address: string, name: string, persisted: Persisted): Remedy {
  const ip = ipCommand(address);
  return lasting(
    {
      host,
      summary: `Give ${name} the VIP ${address} and tell the neighbours`,
      commands: [
        `${ip} address add ${hostPrefix(address)} dev ${shellWord(name)}`,
        ...(ip === 'ip' ? [`arping -c 3 -U -I ${shellWord(name)} ${address}`] : []),
      ],
      undo: [`${ip} address del ${hostPrefix(address)} dev ${shellWord(name)}`],
    },
    keepAddress(persisted, { address, interface: name, prefixLength: isIpv6(address) ? 128 : 32 }),
  );
}

/**
 * Interface where the VIP is asked for and kept silent about; undefined where somebody answers, or nobody need ask. Only
 * 1, 2 and 8 hide an address of another interface (arp_ignore() of net/ipv4/arp.c).
 */
function silentIngress(
  addresses: readonly InterfaceAddress[],
  sysctl: Sysctls,
  declared: string,
  entry: InterfaceAddress,
): string | undefined {
  if (isIpv6(entry.address) || !/^(lo|dummy)/.test(entry.interface)) return undefined;
  const onSegment = addresses.find(
    (other) =>
      other.up &&
      other.interface !== entry.interface &&
      inPrefix(entry.address, `${other.address}/${other.prefixLength}`) === true,
  )?.interface;
  // A VIP in no network of the director is routed to it: nobody asks for it by ARP.
  if (onSegment === undefined) return undefined;
  const ingress = declared === entry.interface ? onSegment : declared;
  return [1, 2, 8].includes(greaterOf(sysctl, 'arp_ignore', ingress) ?? 0) ? ingress : undefined;
}

function withoutDetection(host: string, vip: string, { interface: name, prefixLength }: InterfaceAddress): Remedy {
  const address = `${vip}/${prefixLength} dev ${shellWord(name)}`;
  return {
    host,
    summary: `Have the VIP ${vip} on no other host's network interface, then add it again without duplicate detection`,
    commands: [`ip -6 address del ${address}`, `ip -6 address add ${address} nodad`],
    undo: [`ip -6 address del ${address}`, `ip -6 address add ${address}`],
  };
}
