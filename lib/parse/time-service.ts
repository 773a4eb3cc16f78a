/** What the service that keeps the clock says of itself. */
import type { ClockReading } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

export type TimeService = Pick<ClockReading, 'source' | 'synchronised'>;

/**
 * `chronyc -c tracking`: comma-separated, the last of 14 fields is the leap status, `Not synchronised` until a source
 * was selected (chronyc(1), tracking). Throws ParseError.
 */
export function parseChronyTracking(text: string): TimeService {
  const fields = text.trim().split(',');
  const status = fields.at(-1);
  if (fields.length < 14 || status === undefined) throw new ParseError('chronyc -c tracking', text);
  return { source: 'chrony', synchronised: status !== 'Not synchronised' };
}

/** `chronyc tracking` for people, of a chronyc that knows no `-c`: `Leap status     : Normal`. Throws ParseError. */
export function parseChronyText(text: string): TimeService {
  const status = /^Leap status\s*: (.+)$/m.exec(text)?.[1]?.trim();
  if (status === undefined) throw new ParseError('chronyc tracking', text);
  return { source: 'chrony', synchronised: status !== 'Not synchronised' };
}

/** `ntpq -c rv`: system variables, the first of them words such as `leap_none, sync_ntp` (ntpq(8)). Throws ParseError. */
export function parseNtpVariables(text: string): TimeService {
  const leap = /\bleap_(\w+)/.exec(text)?.[1];
  const sync = /\bsync_(\w+)/.exec(text)?.[1];
  if (leap === undefined) throw new ParseError('ntpq -c rv', text);
  return { source: 'ntpd', synchronised: leap !== 'alarm' && sync !== 'unspec' };
}
