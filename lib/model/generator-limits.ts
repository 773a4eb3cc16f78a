/** Whether what a load shows is that of its generator, and by what. Pure. */
import type { LoadResult } from './load-result.ts';

export interface GeneratorLimit {
  readonly kind: 'cpu' | 'delay' | 'late' | 'ports' | 'descriptors';
  /** What it was, as a clause. */
  readonly text: string;
}

/** Above this share of one core a thread waits for itself. */
const busyShare = 0.95;
/** A timer this late adds to every time measured. */
const lateMs = 100;
/** Requests begun late although there was room for them, as a share of all. */
const lateShare = 0.01;
/** Of the ports or descriptors there are. */
const nearlyAll = 0.95;

/** What is allowed before the generator counts as the limit. */
export const generatorBounds = {
  cpuShare: `below ${busyShare} of a core for each thread`,
  eventLoopDelayP99Ms: `below ${lateMs}`,
  lateSends: `below ${lateShare * 100}% of all, not counting those that waited for a place`,
} as const;

/** Empty where it had room to spare. */
export function generatorLimits({ generator, openLoop, errors, sent }: LoadResult): readonly GeneratorLimit[] {
  const { cpuShare, eventLoopDelayP99Ms, threads = [], descriptors, ports } = generator;
  const busiest = threads.length === 0 ? cpuShare : Math.max(...threads.map((thread) => thread.cpuShare));
  const refused = errors.byKind['no-resource'] ?? 0;
  const ownLate = openLoop === undefined ? 0 : openLoop.lateSends - openLoop.waitedForPlace;
  const allPorts = ports === undefined ? Infinity : ports.perSource * ports.sources;
  const outOfDescriptors = descriptors !== undefined && descriptors.mostOpen >= descriptors.limit * nearlyAll;
  const signs: (GeneratorLimit | false)[] = [
    busiest >= busyShare && {
      kind: 'cpu',
      text: `${threads.length > 1 ? 'a thread of it' : 'it'} used ${Math.round(busiest * 100)}% of a core`,
    },
    eventLoopDelayP99Ms >= lateMs && {
      kind: 'delay',
      text: `its timers were ${Math.round(eventLoopDelayP99Ms)} ms late`,
    },
    sent > 0 &&
      ownLate > sent * lateShare && {
        kind: 'late',
        text: `it began ${ownLate} of ${sent} requests more than ${openLoop?.lateAfterMs ?? 0} ms late, ${Math.round(openLoop?.achievedRps ?? 0)} of ${Math.round(openLoop?.offeredRps ?? 0)} a second`,
      },
    outOfDescriptors && {
      kind: 'descriptors',
      text: `it had ${descriptors.mostOpen} connections open of the ${descriptors.limit} descriptors it may have (ulimit -n)`,
    },
    refused > 0 &&
      !outOfDescriptors && {
        kind: 'ports',
        text: `${refused} connections found no free source port${portsText(ports)}`,
      },
    refused === 0 &&
      ports !== undefined &&
      ports.timeWaitMost >= allPorts * nearlyAll && {
        kind: 'ports',
        text: `nearly all its source ports were taken${portsText(ports)}`,
      },
  ];
  return signs.filter((sign) => sign !== false);
}

function portsText(ports: LoadResult['generator']['ports']): string {
  if (ports === undefined) return '';
  const { perSource, sources, timeWaitMost } = ports;
  const addresses = sources === 1 ? 'one address' : `each of ${sources} addresses`;
  return ` (${perSource} for ${addresses}, ${timeWaitMost} sockets in TIME_WAIT)`;
}
