/**
 * How long a takeover takes by the configuration. RFC 5798, 6.1: Master_Down_Interval = 3 * Master_Adver_Interval +
 * Skew_Time. keepalived sets the skew of VRRP version 2 to (256 - priority) / 256 s, whatever the interval (RFC 3768), that
 * of version 3 to (256 - priority) / 256 of the interval. A master that is stopped says so by an advert of priority 0: then
 * only the skew is waited for (RFC 5798, 6.4.2). Pure.
 */
import type { CheckSettings, Prediction, Range, VrrpSettings } from '../model/failover.ts';

/** What keepalived itself takes, and an SSH command to reach it. */
const slackMs = 500;

export function skewMs({ priority, advertIntMs, version }: VrrpSettings): number {
  return ((256 - priority) / 256) * (version === 3 ? advertIntMs : 1000);
}

/** The backup is told. */
export function onStop(backup: VrrpSettings): Prediction {
  const skew = skewMs(backup);
  const reaction = { minMs: skew, maxMs: skew + slackMs };
  return {
    reaction,
    outage: reaction,
    because: [`an advert of priority 0, then a skew of (256 - ${backup.priority}) / 256: ${whole(skew)} ms`],
  };
}

/** The backup hears nothing any more. The last advert came up to one interval before. */
export function onSilence(backup: VrrpSettings, { vipStays }: { readonly vipStays: boolean }): Prediction {
  const { advertIntMs } = backup;
  const skew = skewMs(backup);
  const reaction = { minMs: 2 * advertIntMs + skew, maxMs: 3 * advertIntMs + skew + slackMs };
  return {
    reaction,
    outage: vipStays ? { minMs: 0, maxMs: slackMs } : reaction,
    because: [
      `3 x advert_int ${whole(advertIntMs)} ms and a skew of ${whole(skew)} ms, less the time since the last advert`,
      ...(vipStays
        ? ['the old director keeps VIP and rules and goes on forwarding until neighbours hear of the new one']
        : []),
    ],
  };
}

/** The director that comes back has the higher priority: it listens for a Master_Down_Interval, then takes the VIP. */
export function onReturn(returning: VrrpSettings): Prediction {
  const { advertIntMs, preemptDelayMs, nopreempt } = returning;
  const skew = skewMs(returning);
  if (nopreempt) return { reaction: none, outage: none, because: ['nopreempt: the VIP stays where it is'] };
  const wait = 3 * advertIntMs + skew + preemptDelayMs;
  return {
    reaction: { minMs: Math.min(skew, wait), maxMs: wait + 4 * slackMs },
    outage: { minMs: 0, maxMs: slackMs },
    because: [
      `start of keepalived, then up to 3 x advert_int and a skew of ${whole(skew)} ms${preemptDelayMs > 0 ? `, preempt_delay ${whole(preemptDelayMs)} ms` : ''}`,
      'the old master gives the VIP up when it hears an advert of higher priority',
    ],
  };
}

/** As `onReturn`, where the other director has a say: one of no higher priority leaves the VIP where it is. */
export function onReturnTo(returning: VrrpSettings, other: VrrpSettings): Prediction {
  if (returning.priority > other.priority) return onReturn(returning);
  const why = `priority ${returning.priority} is not above ${other.priority}: the VIP stays where it is`;
  return { reaction: none, outage: none, because: [why] };
}

/** A real server of weight 0: the kernel sees to it from the next connection on. */
export function onDrain(): Prediction {
  return {
    reaction: { minMs: 0, maxMs: slackMs },
    outage: none,
    because: ['with weight 0 connections go on where they are, and new ones go elsewhere'],
  };
}

/** A real server is silent: connections to it fail until its check has failed often enough. */
export function onSilentRealServer({
  delayLoopMs,
  connectTimeoutMs,
  retries,
  delayBeforeRetryMs,
}: CheckSettings): Prediction {
  const tries = (retries + 1) * connectTimeoutMs + retries * delayBeforeRetryMs;
  const reaction = { minMs: tries, maxMs: delayLoopMs + tries + slackMs };
  return {
    reaction,
    outage: reaction,
    because: [
      `delay_loop ${whole(delayLoopMs)} ms, then ${retries + 1} x connect_timeout ${whole(connectTimeoutMs)} ms${retries > 0 ? ` and ${retries} x delay_before_retry ${whole(delayBeforeRetryMs)} ms` : ''}`,
    ],
  };
}

/** Nothing is to happen. */
export function onNothing(why: string): Prediction {
  return { reaction: none, outage: { minMs: 0, maxMs: slackMs }, because: [why] };
}

/** A sentence where the measured outage is beyond what was to be expected; undefined where it is not. */
export function deviation(measuredMs: number, { outage }: Prediction): string | undefined {
  if (measuredMs <= outage.maxMs * 1.25 + slackMs) return undefined;
  return `the service was gone for ${whole(measuredMs)} ms, and the configuration lets expect ${whole(outage.maxMs)} ms at most`;
}

const none: Range = { minMs: 0, maxMs: 0 };
const whole = (ms: number): number => Math.round(ms);
