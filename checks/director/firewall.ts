import { endpoint } from '../address.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { acceptance } from '../firewall-remedy.ts';
import { clientPorts, fateOf, type Leg, obstacle, type PacketState, stopText, undecidedBy } from '../firewall-path.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, Director, VirtualService } from '../../lib/model/cluster.ts';

/**
 * Requests pass filter INPUT before IPVS sees them and OUTPUT after; NAT answers pass FORWARD. With
 * net.ipv4.vs.conntrack=0, the default, IPVS takes its packets out of tracking, so that stateful rules which are right
 * for a router stop them: a SYN-ACK without an entry is INVALID.
 */
export const firewall = defineCheck({
  id: 'director/firewall',
  title: "Director's packet filter lets the service through",
  failureTitle: "Director's packet filter stops the service",
  sees: ['director-input-drop', 'director-forward-drop'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall', 'sysctl'],
  doc: {
    why:
      'A packet dropped in INPUT never gets a connection entry and clients time out with an empty table. One dropped in ' +
      'OUTPUT or, with NAT, in FORWARD leaves SYN_RECV towards all real servers. "Accept ESTABLISHED, drop the rest" in ' +
      'FORWARD drops every NAT answer while net.ipv4.vs.conntrack is 0.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'firewall-cmd --list-all-zones', 'sysctl net.ipv4.vs.conntrack'],
    references: [
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_ops4)',
      'Documentation/networking/ipvs-sysctl.rst (conntrack)',
      'net/netfilter/nf_conntrack_proto_tcp.c (tcp_new)',
    ],
  },
  evaluate({ firewall: rules, sysctl }, { cluster, host, service }, { evidence }) {
    // The key is there only once ip_vs is loaded; it is 0 until somebody sets it.
    const tracked = sysctl['net.ipv4.vs.conntrack'] === '1';
    const legs = legsOf(cluster, host, service, tracked);
    const found = { engines: rules.engines, policies: rules.policies, 'net.ipv4.vs.conntrack': tracked ? '1' : '0' };
    const expected = 'requests and answers of the service are accepted';
    const stop = obstacle(rules, legs.transfer) ?? obstacle(rules, legs.closing);
    if (stop === undefined) return pass(found, [policyEvidence(evidence('firewall'))]);
    const { leg, fate } = stop;
    if (fate.kind === 'undecided') {
      return cannotTell(
        `Whether ${host.name} lets ${leg.what} through depends on ${undecidedBy(leg.hook, fate.rules)}`,
        ruleEvidence(evidence('firewall'), fate.rules),
        'Look at the rule, and drive load to see what it does',
      );
    }
    const quoted = stopEvidence(evidence('firewall'), leg.hook, fate);
    const by = stopText(leg.hook, fate);
    if (legs.closing.includes(leg)) {
      return warn({
        reason:
          `${host.name} stops the FIN of clients at ${by}: with net.ipv4.vs.conntrack=0 it looks INVALID, so connections ` +
          'work and their entries linger',
        found,
        expected,
        evidence: quoted,
        remedy: trackConnections(host.name),
      });
    }
    const asTracked = { ...leg.packet, state: 'established' as const };
    const untrackedOnly = !tracked && leg.hook === 'forward' && fateOf(rules, leg.hook, asTracked).kind === 'passes';
    const remedy = untrackedOnly ? trackConnections(host.name) : acceptance(host.name, rules, { leg, stop: fate });
    return fail({
      reason:
        `${host.name} stops ${leg.what} in ${leg.hook.toUpperCase()} at ${by}` +
        (untrackedOnly ? ': with net.ipv4.vs.conntrack=0 stateful rules do not know them' : ''),
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected,
      evidence: untrackedOnly ? [...quoted, quote(evidence('sysctl'), 'net.ipv4.vs.conntrack')] : quoted,
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});

const trackConnections = (host: string) =>
  setSysctl(host, 'Let IPVS keep its connections in conntrack', 'net.ipv4.vs.conntrack', '1', '0');

/** States as IPVS leaves them: see the tables of tcp_new for packets in the middle of an unknown connection. */
function states(
  forwarding: VirtualService['forwarding'],
  tracked: boolean,
): Record<'later' | 'fin' | 'output', PacketState> {
  if (!tracked) return { later: 'new', fin: 'invalid', output: 'untracked' };
  // With DR and TUN conntrack sees one direction only, and takes what follows the SYN for INVALID.
  const known = forwarding === 'nat' ? 'established' : 'invalid';
  return { later: known, fin: known, output: 'new' };
}

interface Legs {
  readonly transfer: readonly Leg[];
  readonly closing: readonly Leg[];
}

function legsOf(cluster: Cluster, host: Director, service: VirtualService, tracked: boolean): Legs {
  const { protocol, vip, port, forwarding, destinations } = service;
  const state = states(forwarding, tracked);
  // Nobody in particular when no client is declared.
  const clients = cluster.clients.length === 0 ? [undefined] : cluster.clients.map(({ cip }) => cip);
  const targets = destinations.map((destination) =>
    forwarding === 'nat' ? { address: destination.realServer.rip, port: destination.port } : { address: vip, port },
  );
  const request = (client: string | undefined, at: PacketState): Leg => ({
    what: `requests from ${client ?? 'clients'} to ${endpoint(vip, port)}`,
    hook: 'input',
    packet: {
      protocol,
      ...(client === undefined ? {} : { source: client }),
      destination: vip,
      sourcePorts: clientPorts,
      destinationPorts: [port, port],
      inInterface: host.vipInterface,
      state: at,
    },
  });
  const onward = (client: string | undefined, target: { address: string; port: number }): Leg => ({
    what: `requests to ${endpoint(target.address, target.port)}`,
    hook: 'output',
    packet: {
      protocol,
      ...(client === undefined ? {} : { source: client }),
      destination: target.address,
      sourcePorts: clientPorts,
      destinationPorts: [target.port, target.port],
      outInterface: host.interface,
      state: state.output,
    },
  });
  const answer = (client: string | undefined, target: { address: string; port: number }, at: PacketState): Leg => ({
    what: `answers from ${endpoint(target.address, target.port)} to ${client ?? 'clients'}`,
    hook: 'forward',
    packet: {
      protocol,
      source: target.address,
      ...(client === undefined ? {} : { destination: client }),
      sourcePorts: [target.port, target.port],
      destinationPorts: clientPorts,
      inInterface: host.interface,
      outInterface: host.vipInterface,
      state: at,
    },
  });
  const answerStates: readonly PacketState[] = tracked ? ['established'] : ['invalid', 'new'];
  return {
    transfer: clients.flatMap((client) => [
      request(client, 'new'),
      request(client, state.later),
      // A tunnelled request leaves as another protocol, answers of DR and TUN do not come back this way.
      ...(forwarding === 'tun' ? [] : targets.map((target) => onward(client, target))),
      ...(forwarding === 'nat'
        ? targets.flatMap((target) => answerStates.map((at) => answer(client, target, at)))
        : []),
    ]),
    closing: clients.map((client) => request(client, state.fin)),
  };
}
