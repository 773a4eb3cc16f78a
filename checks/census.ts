/** Who answered on the wire for a VIP, as far as hosts of the cluster asked on its segment. */
import { entryOf, isIpv6, sameAddress } from './address.ts';
import { type Everyone, onSegmentOf } from './direct-forwarding.ts';
import { type Cluster, hostsOf, type VirtualService } from '../lib/model/cluster.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import type { FaultId } from '../lib/model/fault-id.ts';
import type { Fact, InterfaceAddress, Missing } from '../lib/model/facts.ts';

type Witnesses = Everyone<'addresses' | 'links' | 'vipCensus'>;

export interface Testimony {
  readonly host: string;
  readonly answers: readonly string[];
  readonly evidence: Evidence;
}

export interface Census {
  /** From hosts known to be on the VIP's segment. */
  readonly testimonies: readonly Testimony[];
  /** Hosts that should have asked and did not come to it. */
  readonly gaps: readonly { readonly host: string; readonly missing: Missing }[];
}

export function censusOf(cluster: Cluster, vip: string, everyone: Witnesses): Census {
  const gaps: { host: string; missing: Missing }[] = [];
  const testimonies = hostsOf(cluster).flatMap((host): readonly Testimony[] => {
    const facts = everyone.get(host.name);
    if (facts === undefined) return [];
    const { vipCensus, addresses } = facts;
    if (!vipCensus.known) {
      gaps.push({ host: host.name, missing: vipCensus });
      return [];
    }
    return vipCensus.value.questions
      .filter((question) => sameAddress(question.vip, vip))
      .filter(
        ({ interface: name }) =>
          addresses.known && onSegmentOf({ vip, cluster, everyone }, addresses.value, name) === 'yes',
      )
      .map(({ answers }) => ({ host: host.name, answers, evidence: vipCensus.evidence }));
  });
  return { testimonies, gaps };
}

/** Names of the hosts with an interface of that MAC. */
export function ownersOf(mac: string, cluster: Cluster, everyone: Everyone<'links'>): readonly string[] {
  return hostsOf(cluster)
    .filter(({ name }) => {
      const links = everyone.get(name)?.links;
      return links?.known === true && links.value.some((link) => link.mac === mac);
    })
    .map(({ name }) => name);
}

/** An interface on which no neighbour asks for an address. */
export const isOffNetwork = (name: string): boolean => /^(lo|dummy|tunl|ip6tnl)/.test(name);

/** What a real server that answers for the VIP has wrong, by where it has it. */
export function faultOfAnswering(
  { forwarding, vip }: Pick<VirtualService, 'forwarding' | 'vip'>,
  addresses: Fact<readonly InterfaceAddress[]> | undefined,
): FaultId {
  if (isIpv6(vip)) return 'v6-vip-answered-by-rs';
  const entry = addresses?.known === true ? entryOf(addresses.value, vip) : undefined;
  if (entry === undefined) return 'rs-arp-vs-other-tools';
  if (!isOffNetwork(entry.interface)) return 'rs-vip-on-nic';
  return forwarding === 'tun' ? 'tun-arp' : 'rs-arp-flux';
}

/**
 * Whether the host is heard answering for the VIP. Silence counts only where the question is proven to have reached the
 * segment, by an answer of somebody else.
 */
export function wireSays(
  cluster: Cluster,
  vip: string,
  everyone: Witnesses,
  host: string,
): { readonly heard: 'answers' | 'silent' | 'unknown'; readonly evidence: readonly Evidence[] } {
  const links = everyone.get(host)?.links;
  if (links?.known !== true) return { heard: 'unknown', evidence: [] };
  const own = links.value.flatMap(({ mac }) => mac ?? []);
  const others = censusOf(cluster, vip, everyone).testimonies.filter((each) => each.host !== host);
  const against = others.find(({ answers }) => answers.some((mac) => own.includes(mac)));
  if (against !== undefined) return { heard: 'answers', evidence: [against.evidence] };
  const proven = others.find(({ answers }) => answers.length > 0);
  return proven === undefined ? { heard: 'unknown', evidence: [] } : { heard: 'silent', evidence: [proven.evidence] };
}
