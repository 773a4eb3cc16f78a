/** Which destinations a scheduler may choose now. */
import type { ListedDestination } from '../model/facts.ts';
import { thresholdsOf } from '../model/service-rule.ts';
import type { Found } from './service.ts';

export interface Candidate {
  readonly destination: ListedDestination;
  /**
   * At its upper connection threshold (IP_VS_DEST_F_OVERLOAD). The flag is set as the upper one is reached and cleared below
   * the lower one, and shown nowhere: in between nobody can tell.
   */
  readonly full: 'no' | 'yes' | 'perhaps';
  /** Why it may be full: the thresholds, or that they are not known. */
  readonly because?: string;
}

/** In the kernel's order. */
export function candidatesOf({ service, rule }: Found): readonly Candidate[] {
  return service.destinations.map((destination) => {
    const ruled = rule?.destinations.find(
      ({ address, port }) => address === destination.address && port === destination.port,
    );
    if (ruled === undefined) return { destination, full: 'perhaps', because: 'its connection threshold is not known' };
    const { upper, lower } = thresholdsOf(ruled);
    const full = fullness(destination.active + destination.inactive, upper, lower);
    if (full === 'no') return { destination, full };
    const bounds = `${destination.active + destination.inactive} connections, thresholds ${upper} and ${lower === 0 ? `three quarters of that` : lower}`;
    return { destination, full, because: bounds };
  });
}

/** ip_vs_bind_dest and ip_vs_unbind_dest of ip_vs_conn.c. */
function fullness(connections: number, upper: number, lower: number): Candidate['full'] {
  if (upper === 0) return 'no';
  if (connections >= upper) return 'yes';
  return (lower > 0 ? connections < lower : connections * 4 < upper * 3) ? 'no' : 'perhaps';
}

/** More than these are not gone through, each with the others. */
const mostUnsure = 8;

/** Every way in which those that may be full are or are not; undefined where there are too many. Quiesced ones do not matter. */
export function fullnesses(candidates: readonly Candidate[]): readonly (readonly boolean[])[] | undefined {
  const unsure = candidates.filter(({ full, destination }) => full === 'perhaps' && destination.weight > 0);
  if (unsure.length > mostUnsure) return undefined;
  return Array.from({ length: 2 ** unsure.length }, (_, ways) =>
    candidates.map((one) => one.full === 'yes' || (ways >> unsure.indexOf(one)) % 2 === 1),
  );
}
