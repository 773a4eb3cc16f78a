import { endpoint, entryOf, isIpv6 } from '../address.ts';
import { noPorts, wayBackOf } from '../director-packets.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import {
  clientPorts,
  type Leg,
  obstacle,
  type Packet,
  type Stop,
  stopText,
  undecidedBy,
  verbOf,
} from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { landing } from '../redirection.ts';
import { serverEnd } from '../server-end.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, RealServer, VirtualService } from '../../lib/model/cluster.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { HostFacts } from '../../lib/model/facts.ts';

/**
 * A request reaches the real server with the client's own address as its source: a filter that accepts the director's
 * health checks may still stop it. With DR and TUN it is for the VIP, and so are the answers from it; with TUN it comes
 * inside a packet of the director.
 */
export const firewall = defineCheck({
  id: 'real-server/firewall',
  title: "Real server's packet filter lets the service through",
  failureTitle: "Real server's packet filter stops the service",
  sees: ['rs-firewall-drop', 'rs-firewall-reject', 'rs-egress-drop', 'tun-proto4-filtered'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['firewall', 'addresses', 'routes'],
  doc: {
    why:
      'A dropped SYN leaves the connection in SYN_RECV on the director and the client times out; a rejected one shows as ' +
      '"refused" or "no route to host". Only the share of connections that goes to this real server fails. With DR and TUN ' +
      'rules about the RIP are not about the service: its packets are for the VIP, and its answers are from the VIP, which ' +
      'a rule against forged sources may drop. With TUN, IP protocol 4 (41 for IPv6) from the director has to be accepted first.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'firewall-cmd --list-all-zones'],
    references: ['nft(8)', 'iptables(8)', 'firewall-cmd(1)'],
  },
  evaluate(facts, { cluster, host, service, destination }, { evidence }) {
    const { firewall: rules } = facts;
    const end = serverEnd(service, destination);
    const { legs, handedOn } = legsOf(facts, cluster, host, service, end);
    const found = { engines: rules.engines, policies: rules.policies };
    const stop = obstacle(rules, legs);
    if (stop === undefined) return pass(found, [policyEvidence(evidence('firewall'))]);
    const { leg, fate } = stop;
    if (fate.kind === 'undecided') {
      const depends = `depends on ${undecidedBy(leg.hook, fate.rules)}`;
      if (leg.hook === 'forward' && handedOn !== undefined) {
        return notApplicable(
          `${host.name} hands ${endpoint(end.address, end.port)} on to ${handedOn} by DNAT, and whether FORWARD lets that through ${depends}`,
        );
      }
      return cannotTell(
        `Whether ${host.name} lets ${leg.what} through ${depends}`,
        ruleEvidence(evidence('firewall'), fate.rules),
        'Look at the rule, and drive load to see what it does',
      );
    }
    const remedy = acceptance(host.name, rules, { leg, stop: fate });
    return fail({
      faults: [faultOf(service, leg, fate)],
      reason: `${host.name} ${verbOf(fate)} ${leg.what} in ${leg.hook.toUpperCase()} at ${stopText(leg.hook, fate)}`,
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: 'requests and answers of the service are accepted',
      evidence: stopEvidence(evidence('firewall'), leg.hook, fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});

/** With NAT an answer that the real server itself stops looks as a request that it stops. */
function faultOf({ forwarding }: VirtualService, { hook, packet }: Leg, { verdict }: Stop): FaultId {
  if (packet.protocol === 'ipip' || packet.protocol === 'ipv6') return 'tun-proto4-filtered';
  if (hook === 'output' && forwarding !== 'nat') return 'rs-egress-drop';
  return verdict === 'reject' ? 'rs-firewall-reject' : 'rs-firewall-drop';
}

type Known = Pick<HostFacts, 'firewall' | 'addresses' | 'routes'>;

/** `handedOn`: where a rule of the nat table sends the service's packets, when that is no address of the host. */
function legsOf(
  { firewall: rules, addresses, routes }: Known,
  cluster: Cluster,
  host: RealServer,
  service: VirtualService,
  end: { readonly address: string; readonly port: number },
): { readonly legs: readonly Leg[]; readonly handedOn?: string } {
  const wire = entryOf(addresses, host.rip)?.interface ?? host.interface;
  const tunnel = service.forwarding === 'tun';
  const vipInterface = entryOf(addresses, end.address)?.interface;
  // What comes out of a tunnel comes in by the tunnel's interface, which need not have the VIP.
  const arrival = tunnel ? (vipInterface === 'lo' ? undefined : vipInterface) : wire;
  const tcp = service.protocol === 'tcp';
  const same = cluster.clients.map(({ cip }) => cip).filter((cip) => isIpv6(cip) === isIpv6(end.address));
  const clients = same.length === 0 ? [undefined] : same;
  const name = endpoint(end.address, end.port);
  let handedOn: string | undefined;
  const legs = clients.flatMap((client): readonly Leg[] => {
    const asked: Packet = {
      protocol: service.protocol,
      ...(client === undefined ? {} : { source: client }),
      destination: end.address,
      sourcePorts: clientPorts,
      destinationPorts: [end.port, end.port],
      ...(arrival === undefined ? {} : { inInterface: arrival }),
      state: 'new',
      ...(tcp ? { flags: ['syn'] } : {}),
      ...wayBackOf(routes, client, arrival),
    };
    const landed = landing(rules, asked, { own: addresses.map(({ address }) => address), redirected: host.rip });
    const requests = `requests from ${client ?? 'clients'} to ${name}`;
    const later = { ...landed.packet, state: 'established' as const, ...(tcp ? { flags: ['ack'] } : {}) };
    if (!landed.here) {
      handedOn = endpoint(landed.packet.destination ?? '', landed.packet.destinationPorts[0]);
      return [{ what: requests, hook: 'forward', packet: landed.packet }];
    }
    const { destination: from, destinationPorts: fromPorts } = landed.packet;
    const answer: Packet = {
      protocol: service.protocol,
      ...(from === undefined ? {} : { source: from }),
      ...(client === undefined ? {} : { destination: client }),
      sourcePorts: fromPorts,
      destinationPorts: clientPorts,
      ...(wire === undefined ? {} : { outInterface: wire }),
      destinationType: 'unicast',
      state: 'established',
      ...(tcp ? { flags: ['syn', 'ack'] } : {}),
    };
    return [
      { what: requests, hook: 'input', packet: landed.packet },
      { what: requests, hook: 'input', packet: later },
      { what: `answers from ${name} to ${client ?? 'clients'}`, hook: 'output', packet: answer },
    ];
  });
  return {
    legs: [...(tunnel ? cluster.directors.map(({ dip }) => outer(host, service, dip, wire)) : []), ...legs],
    ...(handedOn === undefined ? {} : { handedOn }),
  };
}

function outer({ rip }: RealServer, { vip }: VirtualService, dip: string, wire: string | undefined): Leg {
  const number = isIpv6(vip) ? 41 : 4;
  return {
    what: `tunnelled requests (IP protocol ${number}) from ${dip} to ${rip}`,
    hook: 'input',
    packet: {
      protocol: number === 41 ? 'ipv6' : 'ipip',
      source: dip,
      destination: rip,
      sourcePorts: noPorts,
      destinationPorts: noPorts,
      ...(wire === undefined ? {} : { inInterface: wire }),
      state: 'new',
      wayBack: true,
    },
  };
}
