import { endpoint } from '../address.ts';
import { interfaceOf } from '../direct-forwarding.ts';
import { greaterOf } from '../interface-setting.ts';
import { sameMachine } from '../same-machine.ts';
import { listed } from '../sentences.ts';
import { defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { Fact, HostFacts } from '../../lib/model/facts.ts';
import { ruleKey } from '../../lib/model/service-rule.ts';

const compared = ['os', 'sysctl', 'addresses', 'links', 'offloads', 'units', 'listeners', 'ipvsRules'] as const;
type Facts = { readonly [N in (typeof compared)[number]]: Fact<HostFacts[N]> };

/**
 * Hosts of one kind that differ are a fault in waiting: one was mended by hand, or missed an update. Who is right is told
 * by the majority, and by nobody where there is none. Compared is what bears on forwarding, not what a host is named.
 */
export const peerDrift = defineCheck({
  id: 'network/peer-drift',
  title: 'Host is set up as its peers are',
  failureTitle: 'Host differs from its peers',
  sees: [
    'backup-lacks-rules',
    'sysctl-not-persistent',
    'rs-arp-vs-other-tools',
    'nic-mtu-mismatch',
    'unit-not-enabled',
  ],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['os'],
  requiresOfAll: [...compared],
  inapplicable: ({ cluster, host }) => {
    if (host.role === 'client') return `${host.name} only sends load`;
    return peersOf(cluster, host).length === 0 ? `${host.name} has no peer to be compared with` : undefined;
  },
  doc: {
    why:
      'A share of the connections fails, or fails after a failover only: one real server has another kernel, backlog or ARP ' +
      'setting, the standby director lacks a rule. Such differences are seldom meant.',
    byHand: [
      'uname -r',
      'sysctl -a | grep -E "arp_|rp_filter|somaxconn|net.ipv4.vs"',
      'ss -Hltn',
      'ipvsadm -Sn | sort',
    ],
    references: ['Documentation/networking/ipvs-sysctl.rst', 'Documentation/networking/ip-sysctl.rst'],
  },
  evaluate(_facts, { cluster, host }, { evidence, everyone }) {
    const peers = peersOf(cluster, host);
    const own = everyone.get(host.name);
    if (own === undefined) return notApplicable(`${host.name} said nothing of itself`);
    const mine = traitsOf(cluster, host, own);
    const theirs = peers.flatMap((peer) => {
      const facts = everyone.get(peer.name);
      return facts === undefined ? [] : [{ name: peer.name, traits: traitsOf(cluster, peer, facts) }];
    });
    const differences = [...mine].flatMap(([trait, value]) => {
      const others = theirs.flatMap(({ name, traits }) => {
        const theirValue = traits.get(trait);
        return theirValue === undefined ? [] : [{ name, value: theirValue }];
      });
      return judgeTrait(trait, value, others);
    });
    const silent = theirs.filter(({ traits }) => traits.size === 0).map(({ name }) => name);
    const found = {
      compared: mine.size,
      peers: theirs.map(({ name }) => name),
      differences: differences.map(({ text }) => text),
    };
    if (theirs.length === silent.length) return notApplicable(`${host.name} has no peer that said how it is set up`);
    if (differences.length === 0) return pass(found, [evidence('os')]);
    const sources = new Set(differences.map(({ trait }) => factOf(trait)));
    return warn({
      reason: `${host.name} differs from its peers: ${differences.map(({ text }) => text).join('; ')}`,
      faults: [...new Set(differences.flatMap(({ trait }) => faultOf(trait) ?? []))],
      found,
      expected: 'as its peers are',
      evidence: [...sources].flatMap((name) => {
        const fact = own[name];
        return fact.known ? [fact.evidence] : [];
      }),
    });
  },
});

/** Directors among themselves; real servers that serve the same with the same forwarding. */
function peersOf(cluster: Cluster, host: ClusterHost): readonly ClusterHost[] {
  const others = (hosts: readonly ClusterHost[]) => hosts.filter((other) => !sameMachine(host, other));
  if (host.role === 'director') return others(cluster.directors);
  if (host.role === 'client') return [];
  const serves = (name: string) =>
    cluster.virtualServices
      .filter(({ destinations }) => destinations.some(({ realServer }) => realServer.name === name))
      .map((service) => service.name)
      .join(' ');
  return others(cluster.realServers.filter(({ name }) => serves(name) === serves(host.name)));
}

/** Words before the colon tell which fact it is from. */
function factOf(trait: string): (typeof compared)[number] {
  return compared.find((name) => trait.startsWith(`${name}:`)) ?? 'os';
}

/** What such a difference is as a rule; undefined where it breaks nothing that the catalogue knows. */
function faultOf(trait: string): FaultId | undefined {
  switch (factOf(trait)) {
    case 'ipvsRules':
      return 'backup-lacks-rules';
    case 'sysctl':
      return trait.startsWith('sysctl:arp_') ? 'rs-arp-vs-other-tools' : 'sysctl-not-persistent';
    case 'units':
      return 'unit-not-enabled';
    case 'links':
      return 'nic-mtu-mismatch';
    default:
      return undefined;
  }
}

/** Of each host's facts, as all its peers ask for them. */
const known = new WeakMap<Facts, Known>();

interface Known {
  readonly cluster: Cluster;
  readonly host: ClusterHost;
  readonly traits: ReadonlyMap<string, string>;
}

function traitsOf(cluster: Cluster, host: ClusterHost, facts: Facts): ReadonlyMap<string, string> {
  const before = known.get(facts);
  if (before?.cluster === cluster && before.host === host) return before.traits;
  const traits = findTraits(cluster, host, facts);
  known.set(facts, { cluster, host, traits });
  return traits;
}

/** What is compared, in words; what the host did not say is not there. */
function findTraits(cluster: Cluster, host: ClusterHost, facts: Facts): ReadonlyMap<string, string> {
  const traits = new Map<string, string>();
  const { os, sysctl, addresses, links, offloads, units, listeners, ipvsRules } = facts;
  const own = host.role === 'director' ? host.dip : host.role === 'real-server' ? host.rip : host.cip;
  const name = addresses.known ? interfaceOf(addresses.value, own) : undefined;
  if (os.known) {
    traits.set('os:kernel', os.value.kernel);
    traits.set('os:system', os.value.prettyName);
  }
  if (sysctl.known) {
    for (const [key, value] of Object.entries(sysctl.value))
      if (isCompared(key)) traits.set(`sysctl:${key}`, value.trim().replaceAll(/\s+/g, ' '));
    for (const setting of name === undefined ? [] : ['arp_ignore', 'arp_announce', 'rp_filter']) {
      const value = greaterOf(sysctl.value, setting, name ?? '');
      if (value !== undefined) traits.set(`sysctl:${setting} in force`, String(value));
    }
  }
  const link = links.known ? links.value.find((each) => each.name === name) : undefined;
  if (link !== undefined) traits.set('links:mtu', String(link.mtu));
  const offload = offloads.known ? offloads.value.find((each) => each.interface === name) : undefined;
  if (offload?.largeReceive !== undefined)
    traits.set('offloads:large receive offload', offload.largeReceive ? 'on' : 'off');
  if (units.known)
    for (const unit of units.value.units) {
      // Which of several programs keeps the time or the filter is taste; that one runs here and is off there is not.
      if (unit.active === 'active' || unit.active === 'failed')
        traits.set(`units:${unit.name}`, `${unit.active}, ${unit.enabled || 'unknown'}`);
    }
  if (listeners.known && host.role === 'real-server')
    for (const port of portsOf(cluster, host.name)) {
      const backlogs = listeners.value.filter((one) => one.port === port && one.protocol === undefined);
      if (backlogs.length > 0)
        traits.set(`listeners:backlog of port ${port}`, String(Math.min(...backlogs.map(({ backlog }) => backlog))));
    }
  if (ipvsRules.known && host.role === 'director') {
    const { services } = ipvsRules.value;
    const keys = services.map((service) => `${ruleKey(service)} ${service.scheduler}`).toSorted();
    traits.set('ipvsRules:rules', keys.length === 0 ? 'none' : keys.join(', '));
    // A weight is what a health checker of each made it; which real servers there are is configured.
    for (const service of services) {
      const ends = service.destinations.map((one) => `${endpoint(one.address, one.port)} ${one.forwarding}`).toSorted();
      traits.set(`ipvsRules:destinations of ${ruleKey(service)}`, ends.length === 0 ? 'none' : ends.join(', '));
    }
  }
  return traits;
}

/** Counters, sizes that follow from the memory and what belongs to one interface are left out. */
function isCompared(key: string): boolean {
  return (
    (key.startsWith('net.ipv4.vs.') && !/sync_qlen_max|sync_sock_size|est_|amemthresh/.test(key)) ||
    ['net.ipv4.ip_forward', 'net.core.somaxconn', 'net.ipv4.tcp_syncookies', 'net.ipv6.conf.all.forwarding'].includes(
      key,
    )
  );
}

function portsOf(cluster: Cluster, name: string): readonly number[] {
  const ports = cluster.virtualServices.flatMap(({ protocol, destinations }) =>
    protocol === 'tcp' ? destinations.filter(({ realServer }) => realServer.name === name).map(({ port }) => port) : [],
  );
  return [...new Set(ports)];
}

/** The host is told of where most of the others agree on something else, or where no value has a majority. */
function judgeTrait(
  trait: string,
  own: string,
  others: readonly { readonly name: string; readonly value: string }[],
): readonly { readonly trait: string; readonly text: string }[] {
  const differing = others.filter(({ value }) => value !== own);
  if (differing.length === 0) return [];
  const count = (value: string): number =>
    others.filter((other) => other.value === value).length + (own === value ? 1 : 0);
  const all = others.length + 1;
  if (count(own) * 2 > all) return [];
  const what = trait.slice(trait.indexOf(':') + 1);
  const values = [...new Set(differing.map(({ value }) => value))];
  const said = values.map(
    (value) => `${value} on ${listed(differing.filter((one) => one.value === value).map(({ name }) => name))}`,
  );
  return [{ trait, text: `${what} ${own}, and ${listed(said)}` }];
}
