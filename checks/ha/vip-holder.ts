import { entryOf, isLoopback, sameAddress } from '../address.ts';
import { noPorts } from '../director-packets.ts';
import { fateOf } from '../firewall-path.ts';
import { judgedElsewhere, matchesOf, placeText, sidesOf, type Side } from '../director-pair.ts';
import { agree, type DroppedAdvert, droppedOf, faultOf } from '../dropped-adverts.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { Fact, Firewall, InterfaceAddress, Keepalived, KeepalivedJournal } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

interface Facts {
  readonly addresses: Fact<readonly InterfaceAddress[]>;
  readonly keepalived: Fact<Keepalived>;
  readonly keepalivedJournal: Fact<KeepalivedJournal>;
  readonly firewall: Fact<Firewall>;
}
type Everyone = ReadonlyMap<string, Facts>;

/** network/vip-owner asks the wire about the VIPs; this asks the directors about every address that keepalived moves. */
export const vipHolder = defineCheck({
  id: 'ha/vip-holder',
  title: 'Each address that moves is on one director, and those of one group on the same',
  failureTitle: 'An address that moves is on several directors, on none, or not where its group is',
  sees: [
    'vrrp-split-brain',
    'vrrp-vrid-mismatch',
    'vrrp-vrid-collision',
    'vrrp-auth-mismatch',
    'vrrp-advert-int-mismatch',
    'vrrp-vip-list-mismatch',
    'vrrp-unicast-misconfig',
    'multicast-vlan-hypervisor',
    'backup-not-running',
    'vrrp-fault-by-track',
    'vip-removed-by-network-manager',
    'nat-gateway-not-failed-over',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf', 'addresses', 'keepalived', 'keepalivedJournal', 'firewall'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'Two directors with the VIP both answer for it, and connections change sides with every announcement. Without one nobody ' +
      'answers. Where VIP and gateway are apart, requests go through one director and answers through the other.',
    byHand: ['ip -brief addr # on each director', 'journalctl -u keepalived | grep Entering'],
    references: ['RFC 9568, 6.4', 'keepalived.conf(5), virtual_ipaddress'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const sides = sidesOf(cluster, everyone);
    if ('outcome' in sides) return sides;
    for (const { name } of sides) {
      const fact = everyone.get(name)?.addresses;
      if (fact?.known !== true)
        return cannotTell(
          `Which addresses ${name} has is not known: ${fact?.message ?? 'it was not asked'}`,
          [],
          fact?.hint,
        );
    }
    const moving = matchesOf(sides).flatMap((match) =>
      match.members.flatMap(({ instance }) =>
        instance.addresses.map(({ address }) => ({ address, instance: match.name })),
      ),
    );
    const unique = moving.filter(
      (one, index) => moving.findIndex(({ address }) => sameAddress(address, one.address)) === index,
    );
    const held = unique.map((one) => ({ ...one, holders: holdersOf(one.address, sides, everyone) }));
    const found = Object.fromEntries(held.map(({ address, holders }) => [address, listed(holders) || 'nobody']));
    const evidence = sides.flatMap(({ name }) =>
      quoted(
        everyone.get(name)?.addresses,
        unique.map(({ address }) => address),
      ),
    );
    const split = held.filter(({ holders }) => holders.length > 1);
    const lost = held.filter(({ holders }) => holders.length === 0);
    const expected = 'one director with every address of a group';
    if (split.length > 0)
      return fail({
        reason: `${listed(split.map(({ address, holders }) => `${listed(holders)} have ${address}`))}: each takes itself for MASTER`,
        faults: [...new Set(split.flatMap(({ instance }) => splitFaults(instance, sides, everyone)))],
        culprits: [...new Set(split.flatMap(({ holders }) => holders))],
        found,
        expected,
        evidence,
      });
    if (lost.length > 0) {
      const { because, faults, culprits } = whyLost(lost[0]?.instance ?? '', sides, everyone);
      return fail({
        reason: `No director has ${listed(lost.map(({ address }) => address))}: ${because}`,
        faults,
        culprits,
        found,
        expected,
        evidence,
      });
    }
    const apart = apartOf(sides, held);
    if (apart !== undefined)
      return fail({
        reason: `${apart.said}, which belong together (${placeText(apart.place)})`,
        faults: ['nat-gateway-not-failed-over'],
        culprits: apart.holders,
        found,
        expected,
        evidence,
      });
    return pass(found, evidence);
  },
});

/** On lo a backup may keep a VIP, silent by arp_ignore: it is not what VRRP moves. */
function holdersOf(address: string, sides: readonly Side[], everyone: Everyone): readonly string[] {
  return sides
    .map(({ name }) => name)
    .filter((name) => {
      const fact = everyone.get(name)?.addresses;
      const entry = fact?.known === true ? entryOf(fact.value, address) : undefined;
      return entry !== undefined && !/^(lo|dummy\d*)$/.test(entry.interface) && !isLoopback(entry.address);
    });
}

function quoted(fact: Fact<readonly InterfaceAddress[]> | undefined, words: readonly string[]): readonly Evidence[] {
  return fact?.known === true ? [quote(fact.evidence, ...words)] : [];
}

/** Of those who agree in what they complain of none is the other's sender. The network is left where both send and listen alike, no filter of theirs stops an advert, and none was heard and dropped. */
function splitFaults(instance: string, sides: readonly Side[], everyone: Everyone): readonly FaultId[] {
  const match = matchesOf(sides).find(({ name }) => name === instance);
  const members = match?.members.map((one) => one.instance) ?? [];
  if (new Set(members.map(({ vrid }) => vrid)).size > 1) return ['vrrp-vrid-mismatch'];
  const dropped = sides
    .flatMap(({ name }) => {
      const fact = everyone.get(name)?.keepalivedJournal;
      return fact?.known === true ? droppedOf(fact.value.complaints) : [];
    })
    .filter(({ kind }) => kind !== 'vrid');
  const [first, ...others] = members;
  const alike = ({ kind }: DroppedAdvert) => first !== undefined && others.every((one) => agree(kind, first, one));
  if (dropped.length > 0)
    return [...new Set(dropped.map((one) => (alike(one) ? 'vrrp-vrid-collision' : faultOf[one.kind])))];
  const unicast = members.filter(({ unicastPeers }) => unicastPeers.length > 0);
  if (unicast.length > 0) return unicast.length < members.length ? ['vrrp-unicast-misconfig'] : ['vrrp-split-brain'];
  const open = sides.every(({ name }) => {
    const fact = everyone.get(name)?.firewall;
    return fact?.known === true && passes(fact.value, 'input') && passes(fact.value, 'output');
  });
  return open ? ['multicast-vlan-hypervisor', 'vrrp-split-brain'] : ['vrrp-split-brain'];
}

function passes(firewall: Firewall, hook: 'input' | 'output'): boolean {
  const ports = noPorts;
  const advert = { protocol: 'vrrp', destination: '224.0.0.18', sourcePorts: ports, destinationPorts: ports } as const;
  return (
    fateOf(firewall, hook, { ...advert, destinationType: 'multicast', state: 'new', wayBack: true }).kind === 'passes'
  );
}

function whyLost(
  instance: string,
  sides: readonly Side[],
  everyone: Everyone,
): { readonly because: string; readonly faults: readonly FaultId[]; readonly culprits: readonly string[] } {
  const names = sides.map(({ name }) => name);
  const running = names.filter((name) => {
    const fact = everyone.get(name)?.keepalived;
    return fact?.known === true && fact.value.running;
  });
  if (running.length === 0)
    return { because: `keepalived runs on none of ${listed(names)}`, faults: ['backup-not-running'], culprits: names };
  const last = (name: string) => {
    const fact = everyone.get(name)?.keepalivedJournal;
    return fact?.known === true ? fact.value.transitions.findLast((one) => one.instance === instance) : undefined;
  };
  const masters = running.filter((name) => last(name)?.state === 'MASTER');
  if (masters.length > 0)
    return {
      because: `keepalived on ${listed(masters)} is MASTER, and somebody took the address away`,
      faults: ['vip-removed-by-network-manager'],
      culprits: masters,
    };
  const waiting = running.filter((name) => {
    const { state, agoS = 0 } = last(name) ?? {};
    return state === 'BACKUP' && agoS > longestWaitS(instance, sides);
  });
  if (waiting.length > 0)
    return {
      because: `${listed(waiting)} ${waiting.length === 1 ? 'hears' : 'hear'} adverts of ${waiting.length === 1 ? 'its' : 'their'} virtual router, and no director sends any`,
      faults: ['vrrp-vrid-collision'],
      culprits: waiting,
    };
  return {
    because: `keepalived runs on ${listed(running)} and is MASTER nowhere`,
    faults: ['vrrp-fault-by-track'],
    culprits: running,
  };
}

/** So long a backup that hears no advert is one at most (RFC 9568, 6.1: three intervals and a skew below one more), and a second to be read. */
function longestWaitS(instance: string, sides: readonly Side[]): number {
  const members = matchesOf(sides).find(({ name }) => name === instance)?.members ?? [];
  return (4 * Math.max(0, ...members.map((one) => one.instance.advertIntervalMs))) / 1000 + 1;
}

type Held = readonly { readonly address: string; readonly instance: string; readonly holders: readonly string[] }[];

/** The first group of whose instances not all are with the same director. */
function apartOf(sides: readonly Side[], held: Held) {
  for (const { conf } of sides)
    for (const group of conf.syncGroups) {
      const own = held.filter(({ instance }) => group.members.includes(instance));
      const holders = [...new Set(own.flatMap((one) => one.holders))];
      if (holders.length < 2) continue;
      const said = listed(own.map(({ address, holders: by }) => `${address} is on ${listed(by)}`));
      return { said, place: group, holders };
    }
  return undefined;
}
