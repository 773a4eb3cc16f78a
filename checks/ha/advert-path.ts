import { noPorts } from '../director-packets.ts';
import { alone } from '../director-pair.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { fateOf, type Packet, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { KeepalivedConf, VrrpInstance } from '../../lib/model/facts.ts';

const everyRouter = '224.0.0.18';

/** director/vrrp-filter asks whether adverts are let in; this asks whether they get out, and whether somebody listens. */
export const advertPath = defineCheck({
  id: 'ha/advert-path',
  title: 'VRRP adverts leave the director, and it listens for those of the others',
  failureTitle: 'VRRP adverts do not leave the director, or it does not listen for others',
  sees: ['vrrp-split-brain'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['firewall', 'keepalivedConf', 'keepalived'],
  requiresOfAll: ['multicast'],
  inapplicable: alone,
  doc: {
    why:
      'A master whose adverts are dropped on their way out is dead to the others: one of them becomes MASTER too. So does a ' +
      'director that has not joined the group of VRRP on the interface.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'ip maddress show dev DEV # 224.0.0.18'],
    references: ['RFC 9568, 5.1.1.2', 'keepalived.conf(5), vrrp_mcast_group4'],
  },
  evaluate({ firewall, keepalivedConf: conf, keepalived }, { host }, { evidence, everyone }) {
    if (!keepalived.running) return notApplicable(`keepalived does not run on ${host.name}`);
    const four = conf.instances.filter(({ addresses }) => addresses.some(({ address }) => !address.includes(':')));
    if (four.length === 0) return notApplicable(`keepalived on ${host.name} has no vrrp_instance for IPv4`);
    const adverts = four.flatMap((instance) => advertsOf(instance, host.dip));
    const fates = adverts.map((packet) => ({ packet, fate: fateOf(firewall, 'output', packet) }));
    const found = Object.fromEntries(
      fates.map(({ packet, fate }) => [`${packet.outInterface ?? ''} to ${packet.destination ?? ''}`, fate.kind]),
    );
    for (const { packet, fate } of fates)
      if (fate.kind === 'stopped')
        return fail({
          reason: `${host.name} ${verbOf(fate)} its own VRRP adverts to ${packet.destination ?? ''} at ${stopText('output', fate)}: the other directors take it for dead`,
          found,
          expected: 'IP protocol 112 leaves',
          evidence: stopEvidence(evidence('firewall'), 'output', fate),
        });
    const deaf = deafInstances(conf, everyone.get(host.name)?.multicast);
    if (deaf.length > 0)
      return fail({
        reason: `${host.name} has not joined ${everyRouter} on ${listed(deaf)}, where it is to hear the other directors`,
        found: { ...found, notJoined: deaf },
        expected: `a membership of ${everyRouter} on each interface of VRRP`,
        evidence: [evidence('keepalivedConf')],
      });
    const undecided = fates.flatMap(({ fate }) => (fate.kind === 'undecided' ? [fate] : []))[0];
    if (undecided !== undefined)
      return cannotTell(
        `Whether adverts of ${host.name} leave depends on ${undecidedBy('output', undecided.rules)}`,
        ruleEvidence(evidence('firewall'), undecided.rules),
      );
    return pass(found, [policyEvidence(evidence('firewall'))]);
  },
});

function advertsOf(
  { interface: name, sourceAddress, unicastPeers, multicastGroup }: VrrpInstance,
  dip: string,
): readonly Packet[] {
  const destinations = unicastPeers.length > 0 ? unicastPeers : [multicastGroup ?? everyRouter];
  return destinations.map((destination) => ({
    protocol: 'vrrp',
    source: sourceAddress ?? dip,
    destination,
    sourcePorts: noPorts,
    destinationPorts: noPorts,
    destinationType: unicastPeers.length > 0 ? 'unicast' : 'multicast',
    ...(name === undefined ? {} : { outInterface: name }),
    state: 'new',
  }));
}

/** Interfaces without the group. A VMAC has it on an interface of its own, and a membership that is not known is none of ours. */
function deafInstances(
  { instances }: KeepalivedConf,
  fact:
    | { readonly known: boolean; readonly value?: readonly { readonly interface: string; readonly group: string }[] }
    | undefined,
): readonly string[] {
  if (fact?.known !== true) return [];
  const joined = fact.value ?? [];
  return instances
    .filter(
      ({ unicastPeers, places, addresses }) =>
        unicastPeers.length === 0 &&
        places['use_vmac'] === undefined &&
        addresses.some(({ address }) => !address.includes(':')),
    )
    .flatMap(({ interface: name, multicastGroup = everyRouter }) =>
      name === undefined || joined.some((one) => one.interface === name && one.group === multicastGroup) ? [] : [name],
    );
}
