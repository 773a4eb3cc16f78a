/** What a drill has shown. Pure. */
import { deviation } from '../../failover/prediction.ts';
import type { Failover } from '../../model/failover.ts';

type Measured = Pick<Failover, 'scenario' | 'takeover' | 'failback'>;

export interface Circumstances {
  readonly reaction: 'owner' | 'table' | 'none';
  /** Whether the cluster was as it was found, at the end. */
  readonly stable: boolean;
  /** Who had the VIP before. */
  readonly owner: string;
}

export function judgeDrill(
  { takeover, failback }: Measured,
  { reaction, stable, owner }: Circumstances,
): Pick<Failover, 'outcome' | 'reason'> {
  const noticed = takeover.phases.some(({ name }) => name === 'detect');
  const waited = `${seconds(takeover.endedMs - takeover.beganMs)} s`;
  if (takeover.endless)
    return { outcome: 'fail', reason: `clients were not answered again within ${waited}, until it was taken back` };
  if (reaction === 'owner' && !noticed)
    return { outcome: 'fail', reason: `no other director took the VIP from ${owner} within ${waited}` };
  if (reaction === 'table' && !noticed)
    return {
      outcome: 'fail',
      reason: `no health check took a real server that is silent out of the table within ${waited}`,
    };
  if (!stable)
    return { outcome: 'inconclusive', reason: 'the cluster did not become stable again after it was taken back' };
  if (failback.endless)
    return { outcome: 'fail', reason: 'clients were not answered any more after it was taken back' };
  const deviations = [
    takeover.predicted === undefined ? undefined : deviation(takeover.outageMs, takeover.predicted),
    failback.predicted === undefined ? undefined : deviation(failback.outageMs, failback.predicted),
  ];
  const [went, came] = deviations;
  if (went !== undefined) return { outcome: 'warn', reason: went };
  if (came !== undefined) return { outcome: 'warn', reason: `when it was taken back ${came}` };
  return { outcome: 'pass' };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
