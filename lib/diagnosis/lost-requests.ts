/**
 * Probes that the director has no entry of: their SYNs never came as far as IPVS. What the client and the directors counted
 * tells three of the places where they were lost. Pure.
 */
import type { VirtualService } from '../model/cluster.ts';
import type { EndCounts } from '../model/ends.ts';
import type { DiagnosisInput } from './input.ts';
import type { Branch } from './mechanism.ts';

export interface LostRequests {
  readonly service: VirtualService;
  /** How they were lost, one clause. */
  readonly fate: string;
  readonly branches: readonly Branch[];
}

/** Those of each service whose probes all ended so; one lost by chance among others is none. */
export function lostRequests(input: DiagnosisInput): readonly LostRequests[] {
  return input.cluster.virtualServices.flatMap((service): readonly LostRequests[] => {
    const experiment = input.observation(service.name)?.probing;
    if (experiment === undefined || experiment.entriesProblem !== undefined) return [];
    const { probes, client, director, ends } = experiment;
    if (probes.length === 0) return [];
    if (probes.some(({ outcome, entry }) => outcome !== 'connect-timeout' || entry !== undefined)) return [];
    const countsOf = (name: string) => ends.find(({ host }) => host === name)?.counts;
    return [
      {
        service,
        fate: `${probes.length} of ${probes.length} probes of ${client} timed out, and ${director} has an entry of none`,
        branches: [
          ...keptByClient(client, countsOf(client), probes.length),
          ...untracked(director, countsOf(director), probes.length),
          ...input.cluster.directors
            .filter(({ name }) => name !== director)
            .flatMap(({ name }) =>
              misled(input, service, { host: name, counts: countsOf(name), master: director }, probes.length),
            ),
        ],
      },
    ];
  });
}

/**
 * TCP counts a segment before the filter of outgoing packets, IP behind it. Other connections of the client only add to what IP
 * sent, but for segments that left as one packet (GSO), which are few while probes are under way.
 */
function keptByClient(host: string, counts: EndCounts | undefined, least: number): readonly Branch[] {
  const { segmentsOut, packetsOut, retransmits = 0, synRetransmits = 0, begun = 0 } = counts ?? {};
  if (segmentsOut === undefined || packetsOut === undefined) return [];
  const kept = segmentsOut + retransmits - packetsOut;
  return [
    {
      cause: 'client-firewall',
      host,
      so: begun >= least && kept >= begun + synRetransmits,
      seen: `TCP of ${host} made ${segmentsOut + retransmits} segments, and IP sent ${packetsOut} packets: ${begun + synRetransmits} SYNs stayed behind`,
      telling: true,
    },
  ];
}

function untracked(host: string, counts: EndCounts | undefined, least: number): readonly Branch[] {
  const { conntrackDrops } = counts ?? {};
  if (conntrackDrops === undefined) return [];
  return [
    {
      cause: 'director-conntrack-full',
      host,
      so: conntrackDrops >= least,
      seen: `${host} counted ${conntrackDrops} packets it had no room to track (nf_conntrack drop)`,
      telling: true,
    },
  ];
}

/**
 * The VIP is here, and what is for it comes to another director, which drops it as nothing of its own: whoever is before
 * them keeps the MAC of before. A director that forwards passes it on instead, and nothing fails.
 */
function misled(
  input: DiagnosisInput,
  { vip }: VirtualService,
  { host, counts, master }: { readonly host: string; readonly counts: EndCounts | undefined; readonly master: string },
  least: number,
): readonly Branch[] {
  const { addressErrors } = counts ?? {};
  if (addressErrors === undefined) return [];
  const healed = wasMasterBeside(input, host, master);
  return [
    {
      cause: healed ? 'no-garp-after-split-brain-heal' : 'garp-lost-after-failover',
      host: master,
      so: addressErrors >= least,
      seen:
        `${host} dropped ${addressErrors} packets for an address it does not have (IpInAddrErrors), and ${master} has ${vip}: ` +
        `the router before them sends to ${host} still${healed ? `, which was master for a while beside ${master}` : ''}`,
    },
  ];
}

/** Whether the other director became master, and no longer is, after this one had, which said nothing of its own since. */
function wasMasterBeside(input: DiagnosisInput, other: string, master: string): boolean {
  const lastOf = (host: string) => {
    const journal = input.fact(host, 'keepalivedJournal');
    return journal.known ? journal.value.transitions.findLast(({ state }) => state === 'MASTER') : undefined;
  };
  const [theirs, own] = [lastOf(other), lastOf(master)];
  return theirs !== undefined && (own === undefined || own.agoS > theirs.agoS);
}
