import { entryOf } from '../address.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Fact, InterfaceAddress } from '../../lib/model/facts.ts';
import { liveDestination, ruleKey, ruleOf } from '../../lib/model/service-rule.ts';

/**
 * A director that is a real server of another one gets packets for the VIP, as every real server of DR and TUN does. With
 * rules of its own loaded it schedules them once more in place of serving them.
 */
export const realServerRole = defineCheck({
  id: 'director/real-server-role',
  title: 'Director that is a real server too serves what the other director sends it',
  failureTitle: 'Directors that are real servers too schedule the same packet again',
  sees: ['director-rs-pingpong'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['addresses', 'ipvsRules', 'sysctl'],
  requiresOfAll: ['addresses'],
  inapplicable: ({ cluster, service }) => {
    if (cluster.directors.length < 2) return 'The cluster has one director';
    if (service.forwarding === 'nat')
      return `${service.name} forwards by nat: packets for a real server are not for the VIP`;
    return service.fwmark === undefined
      ? undefined
      : `${service.name} goes by mark ${service.fwmark}, which tells who sent a packet`;
  },
  doc: {
    why:
      'Two such directors send a packet back and forth until its TTL is used up: one connection becomes thirty packets, both ' +
      'tables hold it in SYN_RECV, and the segment fills. With one, connections are scheduled twice and shares are not those of ' +
      'the scheduler. net.ipv4.vs.backup_only=1 keeps a node out of it while its sync daemon is a backup.',
    byHand: ['ipvsadm -Sn', 'ip -brief address', 'sysctl net.ipv4.vs.backup_only', 'ipvsadm -L --daemon'],
    references: [
      'Documentation/networking/ipvs-sysctl.rst (backup_only)',
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_in_hook)',
    ],
  },
  evaluate({ addresses, ipvsRules, sysctl }, { cluster, host, service }, { evidence, everyone }) {
    const role = service.destinations.find(({ realServer }) => entryOf(addresses, realServer.rip) !== undefined);
    if (role === undefined) return notApplicable(`${host.name} is no real server of ${service.name}`);
    const key = 'net.ipv4.vs.backup_only';
    const live = ipvsRules.services.find((one) => ruleKey(one) === ruleKey(ruleOf(service)));
    const others = service.destinations.filter(
      (destination) =>
        destination !== role && live !== undefined && (liveDestination(service, destination, live)?.weight ?? 0) > 0,
    );
    const quoted = [
      quote(evidence('ipvsRules'), service.vip),
      quote(evidence('addresses'), role.realServer.rip),
      quote(evidence('sysctl'), key),
    ];
    const found = { realServer: role.realServer.name, rules: live !== undefined, [key]: sysctl[key] ?? null };
    if (others.length === 0 || sysctl[key] === '1') return pass(found, quoted);
    const peers = cluster.directors.filter(
      (director) =>
        director.name !== host.name &&
        others.some(({ realServer }) => has(everyone.get(director.name)?.addresses, realServer.rip)),
    );
    const finding = {
      reason:
        `${host.name} is the real server ${role.realServer.name} and has rules for ${service.name}: what another director ` +
        `sends it for the VIP is scheduled again` +
        (peers.length === 0 ? '' : `, to ${listed(peers.map(({ name }) => name))} among others, which does the same`),
      found,
      expected: { [key]: '1', or: 'rules on the active director alone' },
      evidence: quoted,
      remedy: setSysctl(
        host.name,
        'Stay out of scheduling while the sync daemon is a backup, and run one: ipvsadm --start-daemon backup',
        key,
        '1',
        sysctl[key] ?? '0',
      ),
    };
    return peers.length > 0 ? fail(finding) : warn(finding);
  },
});

function has(fact: Fact<readonly InterfaceAddress[]> | undefined, address: string): boolean {
  return fact?.known === true && entryOf(fact.value, address) !== undefined;
}
