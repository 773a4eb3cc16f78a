/** A host's own decisions about where packets go. */
import { sameAddress } from './address.ts';
import type { RouteDecision } from '../lib/model/facts.ts';

/** The way for a destination, asked without a source. */
export function wayTo(routes: readonly RouteDecision[], destination: string): RouteDecision | undefined {
  return routes.find((route) => route.from === undefined && sameAddress(route.destination, destination));
}

/** `via 10.0.0.1 dev eth0`, `on link dev eth0`, `unreachable`, `not asked`. */
export function wayText(route: RouteDecision | undefined): string {
  if (route === undefined) return 'not asked';
  if (route.outcome !== 'unicast') return route.outcome;
  const where = route.gateway === undefined ? 'on link' : `via ${route.gateway}`;
  return `${where}${route.interface === undefined ? '' : ` dev ${route.interface}`}`;
}
