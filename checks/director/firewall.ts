import { packetsThrough, type ServiceLegs, trackingOf } from '../director-packets.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { fateOf, type Leg, obstacle, type Stop, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { Firewall } from '../../lib/model/facts.ts';

/**
 * Requests pass filter INPUT before IPVS sees them and OUTPUT after; NAT answers pass FORWARD. With
 * net.ipv4.vs.conntrack=0, the default, IPVS takes its packets out of tracking, so that stateful rules which are right
 * for a router stop them: a SYN-ACK without an entry is INVALID.
 */
export const firewall = defineCheck({
  id: 'director/firewall',
  title: "Director's packet filter lets the service through",
  failureTitle: "Director's packet filter stops the service",
  sees: [
    'director-input-drop',
    'director-output-drop',
    'director-forward-drop',
    'director-forward-invalid',
    'director-stateful-input-dr',
    'director-invalid-drop-fin-leak',
    'keepalived-vrrp-strict-drop',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall', 'sysctl', 'routes'],
  doc: {
    why:
      'A packet dropped in INPUT never gets a connection entry and clients time out with an empty table. One dropped in ' +
      'OUTPUT or, with NAT, in FORWARD leaves SYN_RECV towards all real servers. "Accept ESTABLISHED, drop the rest" in ' +
      'FORWARD drops every NAT answer while net.ipv4.vs.conntrack is 0. With DR and TUN the director never sees an answer, ' +
      'so a stateful INPUT lets the SYN in and stops what follows: clients connect and hang. Where INVALID is dropped before ' +
      'the service is let in, as firewalld does by default, requests are answered and the FIN of every client is lost: entries ' +
      'stay ESTABLISHED for 15 minutes, and real servers keep the sockets.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'firewall-cmd --list-all-zones', 'sysctl net.ipv4.vs.conntrack'],
    references: [
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_ops4)',
      'Documentation/networking/ipvs-sysctl.rst (conntrack)',
      'net/netfilter/nf_conntrack_proto_tcp.c (tcp_new)',
    ],
  },
  evaluate({ firewall: rules, sysctl, routes }, subject, { evidence }) {
    const { host, service } = subject;
    const direct = service.forwarding !== 'nat';
    const tracking = trackingOf(sysctl);
    const tracked = tracking.kept ? '1' : '0';
    const legs = packetsThrough(subject, tracking, routes);
    const found = { engines: rules.engines, policies: rules.policies, 'net.ipv4.vs.conntrack': tracked };
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
      const remedy = direct ? acceptance(host.name, rules, { leg, stop: fate }) : trackConnections(host.name);
      return warn({
        faults: ['director-invalid-drop-fin-leak'],
        reason:
          `${host.name} stops the FIN of clients at ${by}: with net.ipv4.vs.conntrack=${tracked} it looks INVALID, so ` +
          'connections work and their entries linger',
        found,
        expected,
        evidence: quoted,
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    const stateful = passesWith(rules, leg, legs);
    const tracks = stateful && !direct && !tracking.kept;
    const remedy = tracks ? trackConnections(host.name) : acceptance(host.name, rules, { leg, stop: fate });
    return fail({
      faults: [faultOf(direct, leg, stateful, fate)],
      reason:
        `${host.name} ${verbOf(fate)} ${leg.what} in ${leg.hook.toUpperCase()} at ${by}` +
        (stateful ? because(direct, leg, tracked) : ownerText(fate)),
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected,
      evidence: stateful ? [...quoted, quote(evidence('sysctl'), 'net.ipv4.vs.conntrack')] : quoted,
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});

const trackConnections = (host: string) =>
  setSysctl(host, 'Let IPVS keep its connections in conntrack', 'net.ipv4.vs.conntrack', '1', '0');

/** Whether the packet would pass as part of a connection that conntrack knows: it is its state that stops it. */
function passesWith(rules: Firewall, { hook, packet }: Leg, { transfer }: ServiceLegs): boolean {
  const known = { ...packet, state: 'established' as const };
  if (packet.state === 'untracked' || hook === 'output') return false;
  const first = transfer.find(
    (leg) => leg.hook === hook && leg.packet.state === 'new' && leg.packet.flags?.[0] === 'syn',
  );
  const begins = first === undefined || first.packet === packet || fateOf(rules, hook, first.packet).kind === 'passes';
  return first?.packet !== packet && begins && fateOf(rules, hook, known).kind === 'passes';
}

function because(direct: boolean, { hook }: Leg, tracked: string): string {
  return direct && hook === 'input'
    ? `: it lets the SYN in, and what follows is of no connection that conntrack knows, with net.ipv4.vs.conntrack=${tracked} ` +
        'as the answers go round the director; clients connect and hang'
    : `: with net.ipv4.vs.conntrack=${tracked} stateful rules do not know them`;
}

function faultOf(direct: boolean, { hook }: Leg, stateful: boolean, fate: Stop): FaultId {
  if (!stateful && ownerText(fate) !== '') return 'keepalived-vrrp-strict-drop';
  switch (hook) {
    case 'input':
      return stateful && direct ? 'director-stateful-input-dr' : 'director-input-drop';
    case 'output':
      return 'director-output-drop';
    case 'forward':
      return stateful ? 'director-forward-invalid' : 'director-forward-drop';
  }
}

/** keepalived drops what is sent to its own VIPs where vrrp_strict forbids it, or no_accept does. */
function ownerText({ rule }: Stop): string {
  return rule?.engine === 'nftables' && /^\w+ keepalived /.test(rule.chain)
    ? ': keepalived made it; take vrrp_strict out of its configuration, or add `accept` to the vrrp_instance'
    : '';
}
