/** What a drill has shown. Pure. */
import { deviation } from '../../failover/prediction.ts';
import type { Failover } from '../../model/failover.ts';

type Measured = Pick<Failover, 'scenario' | 'takeover' | 'failback' | 'strays' | 'connections'>;

export interface Circumstances {
  readonly reaction: 'owner' | 'return' | 'table' | 'none';
  /** Whether the cluster was as it was found, at the end. */
  readonly stable: boolean;
  /** Why it was not, one clause each. */
  readonly left?: readonly string[];
  /** Who had the VIP before. */
  readonly owner: string;
  /** The real server that was to get no new connections. */
  readonly drained?: string;
}

export function judgeDrill(
  { takeover, failback, strays = 0, connections }: Measured,
  { reaction, stable, left = [], owner, drained }: Circumstances,
): Pick<Failover, 'outcome' | 'reason'> {
  const noticed = takeover.phases.some(({ name }) => name === 'detect');
  const waited = `${seconds(takeover.endedMs - takeover.beganMs)} s`;
  if (takeover.endless)
    return { outcome: 'fail', reason: `clients were not answered again within ${waited}, until it was taken back` };
  if (reaction === 'owner' && !noticed)
    return { outcome: 'fail', reason: `no other director took the VIP from ${owner} within ${waited}` };
  if (reaction === 'return' && !noticed)
    return { outcome: 'fail', reason: `${owner} did not take the VIP back within ${waited}` };
  if (drained !== undefined && strays > 0)
    return { outcome: 'fail', reason: `${strays} new connections came to ${drained} although its weight was 0` };
  if (reaction === 'table' && drained === undefined && !noticed)
    return {
      outcome: 'fail',
      reason: `no health check took a real server that is silent out of the table within ${waited}`,
    };
  if (!stable)
    return {
      outcome: 'inconclusive',
      reason: `the cluster did not become stable again after it was taken back${left.length === 0 ? '' : `: ${left.join('; ')}`}`,
    };
  if (failback.endless)
    return { outcome: 'fail', reason: 'clients were not answered any more after it was taken back' };
  const deviations = [
    takeover.predicted === undefined ? undefined : deviation(takeover.outageMs, takeover.predicted),
    failback.predicted === undefined ? undefined : deviation(failback.outageMs, failback.predicted),
  ];
  const [went, came] = deviations;
  if (went !== undefined) return { outcome: 'warn', reason: went };
  if (came !== undefined) return { outcome: 'warn', reason: `when it was taken back ${came}` };
  const broken = connections.reset + connections.hung;
  if (drained !== undefined && broken > 0)
    return { outcome: 'warn', reason: `${broken} kept connections broke, and draining ${drained} lets them go on` };
  return { outcome: 'pass' };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
