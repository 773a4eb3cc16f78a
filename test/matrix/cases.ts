/** What the matrix tries: every fault of the lab in each of its topologies on each host it can go on, and healthy clusters. Pure. */
import type { Expectation, LabFault } from '../../lab/faults/fault.ts';
import { type HealthyVariant, healthyVariants } from './healthy.ts';

/** A lab as `ipvet lab up` makes it. */
export interface Setting {
  readonly name: string;
  readonly options: readonly string[];
  /** Two directors, whose rules keepalived keeps. */
  readonly pair: boolean;
}

const of = (name: string, ...options: readonly string[]): Setting => ({
  name,
  options: ['--topology', ...(options.length === 0 ? [name] : options)],
  pair: name.startsWith('ha'),
});

export const settings: readonly Setting[] = [
  of('nat'),
  of('dr'),
  of('dr-routed', 'dr', '--client', 'routed'),
  of('tun'),
  of('dr-v6'),
  of('mixed'),
  of('ha'),
  of('ha-nat'),
];

/** As many real servers as a lab has by default. A fault of a director is one of the master or of the standby. */
const hosts: Readonly<Record<Exclude<LabFault['targets'], 'director'>, readonly string[]>> = {
  'real-server': ['rs1', 'rs2', 'rs3'],
  client: ['client1'],
  infrastructure: ['infra'],
};

export interface FaultCase {
  readonly topology: string;
  readonly fault: LabFault;
  readonly host: string;
  readonly wanted: Expectation;
}

export interface HealthyCase {
  readonly topology: string;
  readonly variant: HealthyVariant;
  readonly wanted: Expectation;
}

export type MatrixCase = FaultCase | HealthyCase;

/** As a person would call it. */
export const nameOf = (one: MatrixCase): string =>
  'fault' in one ? `${one.fault.id} on ${one.host}, ${one.topology}` : `healthy: ${one.variant.name}, ${one.topology}`;

export interface Selection {
  /** All of them when empty. */
  readonly topologies?: readonly string[];
  /** Names or catalogue ids of faults; `healthy` stands for the healthy clusters. All when empty. */
  readonly faults?: readonly string[];
  /** Only the host that a fault goes on by itself, or only the others it can go on. */
  readonly on?: 'default-hosts' | 'other-hosts';
}

const nothing: Expectation = { exitCode: 0, diagnoses: [], verdicts: [] };

/** By topology, healthy clusters first. Throws when nothing is selected, which a misspelt name would do. */
export function casesOf(
  faults: readonly LabFault[],
  { topologies = [], faults: ids = [], on }: Selection,
): readonly MatrixCase[] {
  const selected = settings
    .map(({ name }) => name)
    .filter((name) => topologies.length === 0 || topologies.includes(name))
    .flatMap((topology): MatrixCase[] => [
      ...healthyVariants
        .filter((variant) => variant.topologies.includes(topology) && on !== 'other-hosts')
        .filter(() => ids.length === 0 || ids.includes('healthy'))
        .map((variant) => ({ topology, variant, wanted: nothing })),
      ...faults
        .filter((fault) => fault.topologies.includes(topology))
        .filter(({ id, cause }) => ids.length === 0 || ids.includes(id) || ids.includes(cause))
        .flatMap((fault) =>
          (fault.targets === 'director' ? [fault.defaultHost] : hosts[fault.targets])
            .filter((host) => on === undefined || (host === fault.defaultHost) === (on === 'default-hosts'))
            .map((host) => ({ topology, fault, host, wanted: fault.expect(host, topology) })),
        ),
    ]);
  if (selected.length === 0) throw new Error('nothing is selected: `ipvet lab fault list` has faults and topologies');
  return selected;
}
