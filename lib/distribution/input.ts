/** What there is to judge a distribution by. Only the first fields are always known. */
import type { ForwardingMethod } from '../model/cluster.ts';
import type { Distribution } from '../model/distribution.ts';

export interface WeightedDestination {
  readonly name: string;
  /** As declared; 0 is quiesced. */
  readonly weight: number;
  /** Upper connection threshold: with so many entries the destination is passed over. 0 is none. */
  readonly upper?: number;
  /** With fewer than that it is taken again; 0 is three quarters of `upper`. */
  readonly lower?: number;
  /** RIP and port as the table has them: what mh hashes. */
  readonly address?: string;
  readonly port?: number;
}

/** Connections of one client address, or of one of its ports. */
export interface SourceCounts {
  readonly address: string;
  readonly port?: number;
  /** By name of the real server. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What the load was like, for the schedulers that look at connections at work. Times in ms. */
export interface LoadConditions {
  /** Connections kept open at once: as one ends, the next begins. */
  readonly concurrency: number;
  /** From the first connection to the end of the last. */
  readonly durationMs: number;
  /** How long connections were open: [upper edge, connections up to it since the edge before]. */
  readonly heldMs: readonly (readonly [number, number])[];
  /** How long an entry stays once the connection is over. Default: FIN_WAIT and TIME_WAIT, 120 s. */
  readonly lingerMs?: number;
  /** Entries in the table before the first connection, by name. Absent where nobody looked. */
  readonly before?: Readonly<Record<string, { readonly active: number; readonly inactive: number }>>;
  /** Active entries by name, one number for each look at the table under load. Absent where nobody looked. */
  readonly sampled?: { readonly intervalMs: number; readonly active: Readonly<Record<string, readonly number[]>> };
}

export interface DistributionInput {
  readonly service: string;
  readonly scheduler: string;
  /** `sh-port`, `sh-fallback`, `mh-port`, `mh-fallback`. */
  readonly flags?: readonly string[];
  readonly persistenceS: number;
  /** Clients that count as one: an IPv4 mask or an IPv6 prefix length. */
  readonly persistenceNetmask?: string;
  readonly forwarding?: ForwardingMethod;
  /** What dh hashes. */
  readonly vip?: string;
  readonly destinations: readonly WeightedDestination[];
  /** Names in the order the kernel has them in (/proc/net/ip_vs): the latest that was added is the first. */
  readonly kernelOrder?: readonly string[];
  /** Connections by name of the real server; a destination that is absent had none. */
  readonly counts: Readonly<Record<string, number>>;
  readonly basis: Distribution['basis'];
  /** Connections the load began. The director's counters have those of other clients besides. */
  readonly driven?: number;
  /** The same connections by where they came from. Absent where that is not known. */
  readonly sources?: readonly SourceCounts[];
  readonly conditions?: LoadConditions;
}

/** So unlikely an unevenness is no chance … */
export const significance = 0.001;
/** … and so small a one harms nobody: with enough connections any scheduler's end of cycle is significant. */
export const tolerableDeviation = 0.01;

/** What a method concludes; the rest of a `Distribution` is the same for all. */
export type Judged = Pick<
  Distribution,
  'outcome' | 'reason' | 'method' | 'pValue' | 'chiSquare' | 'bounds' | 'confidence' | 'sample' | 'limits'
> & { readonly expected?: Readonly<Record<string, number>> };

export const untestable = (reason: string, more: Partial<Judged> = {}): Judged => ({
  outcome: 'error',
  method: 'untestable',
  reason,
  ...more,
});

export const points = (share: number) => `${(share * 100).toFixed(1)} percentage points`;

/** Destinations in the kernel's order; as declared where that is not known, or has other names. */
export function inKernelOrder({ destinations, kernelOrder }: DistributionInput): readonly WeightedDestination[] {
  const ordered = (kernelOrder ?? []).flatMap((name) => destinations.find((one) => one.name === name) ?? []);
  return ordered.length === destinations.length ? ordered : destinations;
}

export const orderKnown = (input: DistributionInput) =>
  input.destinations.every(({ name }) => input.kernelOrder?.includes(name) === true);

/** Destinations that were, or may have been, at their upper threshold: those that cannot have been are left out. */
export function perhapsFull({ destinations, counts, conditions }: DistributionInput): readonly WeightedDestination[] {
  return destinations.filter(({ name, upper = 0 }) => {
    if (upper === 0) return false;
    const before = conditions?.before;
    if (before === undefined) return true;
    const { active = 0, inactive = 0 } = before[name] ?? {};
    return active + inactive + (counts[name] ?? 0) >= upper;
  });
}

export const full = (destinations: readonly WeightedDestination[]) =>
  destinations.map(({ name, upper }) => `${name} (${upper ?? 0})`).join(', ');
