import { alone } from '../director-pair.ts';
import { entryOf } from '../address.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { fateOf, type Packet, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { counted } from '../sentences.ts';
import { cannotTell, defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, Director } from '../../lib/model/cluster.ts';
import type { ConnectionSync, Fact, InterfaceAddress } from '../../lib/model/facts.ts';

/** Group and port of the sync unless it is told otherwise (IP_VS_SYNC_GROUP, IP_VS_SYNC_PORT). */
const group = '224.0.0.81';
const port = 8848;
/** With fewer a standby may rightly have none: young connections are not sent yet (sync_threshold). */
const telling = 20;

export const syncPath = defineCheck({
  id: 'ha/sync-path',
  title: 'Messages of the connection sync get through',
  failureTitle: 'Messages of the connection sync do not get through',
  sees: ['sync-transport-blocked'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['connectionSync', 'firewall'],
  requiresOfAll: ['connectionSync', 'addresses', 'listeners'],
  inapplicable: alone,
  doc: {
    why:
      'Both daemons run, and the standby still knows no connection: a packet filter drops UDP port 8848, or nobody has joined ' +
      '224.0.0.81. It shows at the failover, when every connection is reset.',
    byHand: [
      'nft list ruleset',
      'ss -Hlun | grep 8848 # on the standby',
      'grep -c SYNC /proc/net/ip_vs_conn_sync # on the standby',
    ],
    references: ['net/netfilter/ipvs/ip_vs_sync.c', 'ipvsadm(8), --start-daemon'],
  },
  evaluate({ connectionSync: sync, firewall }, { cluster, host }, { evidence, everyone }) {
    if (sync.daemons.length === 0) return notApplicable(`No sync daemon runs on ${host.name}`);
    const peers = cluster.directors.filter(({ name }) => name !== host.name);
    const found = { daemons: sync.daemons, ...(sync.rows === undefined ? {} : { established: sync.rows }) };
    const expected = `UDP ${group}:${port} passes, and the standby has the connections of the active director`;
    const packets = sync.daemons.flatMap((daemon) => packetsOf(daemon, host, peers));
    const fates = packets.map(({ hook, packet }) => ({ hook, fate: fateOf(firewall, hook, packet) }));
    for (const { hook, fate } of fates)
      if (fate.kind === 'stopped')
        return warn({
          reason: `${host.name} ${verbOf(fate)} messages of the connection sync (UDP port ${port}) at ${stopText(hook, fate)}`,
          found,
          expected,
          evidence: stopEvidence(evidence('firewall'), hook, fate),
        });
    const standby =
      sync.daemons.some(({ role }) => role === 'backup') && !holdsVip(cluster, everyone.get(host.name)?.addresses);
    const listeners = everyone.get(host.name)?.listeners;
    if (
      standby &&
      listeners?.known === true &&
      !listeners.value.some(({ protocol, address }) => protocol === 'udp' && address === group)
    )
      return warn({
        reason: `The backup sync daemon of ${host.name} has no socket on ${group}`,
        found,
        expected,
        evidence: [evidence('connectionSync'), listeners.evidence],
      });
    const undecided = fates.find(({ fate }) => fate.kind === 'undecided');
    if (undecided?.fate.kind === 'undecided')
      return cannotTell(
        `Whether ${host.name} lets messages of the connection sync through depends on ${undecidedBy(undecided.hook, undecided.fate.rules)}`,
        ruleEvidence(evidence('firewall'), undecided.fate.rules),
      );
    const active = peers.find(({ name }) => holdsVip(cluster, everyone.get(name)?.addresses));
    const theirs = active === undefined ? undefined : everyone.get(active.name)?.connectionSync;
    const local = theirs?.known === true ? rowsOf(theirs.value, sync) : 0;
    if (standby && local >= telling && sync.rows?.synced === 0)
      return warn({
        reason: `${active?.name ?? ''} has ${counted(local, 'established connection')}, and ${host.name} has been told of none`,
        found,
        expected,
        evidence: [evidence('connectionSync'), ...(theirs?.known === true ? [theirs.evidence] : [])],
      });
    return pass(found, [evidence('connectionSync'), policyEvidence(evidence('firewall'))]);
  },
});

/** Of the active one, where both use one id: what is not sent to this one is for ha/sync-daemon. */
function rowsOf(active: ConnectionSync, standby: ConnectionSync): number {
  const sent = active.daemons.find(({ role }) => role === 'master')?.id;
  const taken = standby.daemons.find(({ role }) => role === 'backup')?.id;
  return sent !== undefined && (sent === taken || taken === 0) ? (active.rows?.local ?? 0) : 0;
}

function packetsOf(
  { role, interface: name }: ConnectionSync['daemons'][number],
  host: Director,
  peers: readonly Director[],
): readonly { readonly hook: 'input' | 'output'; readonly packet: Packet }[] {
  const any = [1, 65535] as const;
  const message = { protocol: 'udp', destination: group, sourcePorts: any, destinationPorts: [port, port] } as const;
  const common = { ...message, destinationType: 'multicast', state: 'new' } as const;
  if (role === 'master') return [{ hook: 'output', packet: { ...common, source: host.dip, outInterface: name } }];
  return peers.map(({ dip }) => ({
    hook: 'input',
    packet: { ...common, source: dip, inInterface: name, wayBack: true },
  }));
}

function holdsVip({ virtualServices }: Cluster, fact: Fact<readonly InterfaceAddress[]> | undefined): boolean {
  return (
    fact?.known === true &&
    virtualServices.some(({ vip }) => !/^(lo|dummy\d*)?$/.test(entryOf(fact.value, vip)?.interface ?? ''))
  );
}
