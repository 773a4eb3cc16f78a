import { noPorts } from '../director-packets.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { fateOf, type Packet, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** Where adverts go unless keepalived has unicast peers (RFC 9568, 5.1.1.2). */
const everyRouter = '224.0.0.18';

/** Directors tell one another that they live by IP protocol 112: whoever does not hear it takes the VIP too. */
export const vrrpFilter = defineCheck({
  id: 'director/vrrp-filter',
  title: 'VRRP adverts of the other directors are let in',
  failureTitle: 'VRRP adverts of the other directors are stopped',
  sees: ['firewalld-missing-vrrp'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['firewall'],
  requiresOfAll: ['units'],
  doc: {
    why:
      'A director whose packet filter drops IP protocol 112 hears no other one, becomes MASTER beside it, and both answer ' +
      'for the VIP. firewalld drops it unless the service vrrp or the protocol is added to the zone.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'firewall-cmd --list-all-zones'],
    references: ['RFC 9568', 'keepalived.conf(5)'],
  },
  inapplicable({ cluster }) {
    return cluster.directors.length < 2 ? 'There is one director only, and nobody to hear' : undefined;
  },
  evaluate({ firewall }, { cluster, host }, { evidence, everyone }) {
    const units = everyone.get(host.name)?.units;
    const keepalived =
      units?.known === true ? units.value.units.find(({ name }) => name === 'keepalived.service') : undefined;
    const runs = keepalived?.active === 'active' || (units?.known !== true && cluster.rules.managedBy === 'keepalived');
    if (!runs) return notApplicable(`keepalived does not run on ${host.name}`);
    const peers = cluster.directors.filter(({ name }) => name !== host.name);
    // By multicast or to the director itself, on either interface: keepalived's configuration says which.
    const adverts = peers.flatMap(({ dip }): readonly Packet[] =>
      [everyRouter, host.dip].flatMap((destination) =>
        [...new Set([host.interface, host.vipInterface])].map((inInterface) => ({
          protocol: 'vrrp',
          source: dip,
          destination,
          sourcePorts: noPorts,
          destinationPorts: noPorts,
          destinationType: destination === everyRouter ? 'multicast' : 'local',
          inInterface,
          state: 'new',
          wayBack: true,
        })),
      ),
    );
    const fates = adverts.map((packet) => ({ packet, fate: fateOf(firewall, 'input', packet) }));
    const found = { engines: firewall.engines, peers: peers.map(({ dip }) => dip) };
    if (fates.some(({ fate }) => fate.kind === 'passes')) return pass(found, [policyEvidence(evidence('firewall'))]);
    const what = `VRRP adverts (IP protocol 112) from ${peers.map(({ name }) => name).join(', ')}`;
    const undecided = fates.flatMap(({ fate }) => (fate.kind === 'undecided' ? [fate] : []))[0];
    if (undecided !== undefined) {
      return cannotTell(
        `Whether ${host.name} lets ${what} in depends on ${undecidedBy('input', undecided.rules)}`,
        ruleEvidence(evidence('firewall'), undecided.rules),
      );
    }
    const [first] = fates;
    if (first?.fate.kind !== 'stopped') return pass(found, [policyEvidence(evidence('firewall'))]);
    const { packet, fate } = first;
    const remedy = acceptance(host.name, firewall, { leg: { what, hook: 'input', packet }, stop: fate });
    return fail({
      reason: `${host.name} ${verbOf(fate)} ${what} at ${stopText('input', fate)}: it becomes MASTER beside them`,
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: 'IP protocol 112 from the other directors is accepted',
      evidence: stopEvidence(evidence('firewall'), 'input', fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});
