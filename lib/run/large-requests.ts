/**
 * A few requests of more than one packet through the VIP, when small ones have been answered: a tunnel or a link that is too
 * narrow lets every handshake and small page through, and no load of small requests tells of it.
 */
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { LoadPlan } from '../load/engine.ts';
import type { LargeRequests, LoadResult } from '../model/observations.ts';
import { probe, type ProbeInputs } from './probe.ts';

/** Three full segments of Ethernet; less than servers take of one header (4 KiB and more). */
const bytes = 3000;

/** Not where figures are what the load is for, nor of what is not HTTP. */
export function asksLarge({ url, profile }: LoadPlan): boolean {
  return url.startsWith('http') && profile.measured !== true;
}

/** Whether sizes may be what is wrong: all was answered, or answers never came of connections that were made. */
export function mayBeSizes({ answered, failed, errors: { byKind } }: LoadResult): boolean {
  return answered > 0 && (failed === 0 || (byKind['response-timeout'] ?? 0) > 0);
}

/** Undefined where they could not be made, which is no finding. Takes about 1 s, or 4 s where they hang. Never rejects. */
export async function largeRequests(
  inputs: Omit<ProbeInputs, 'haste' | 'paddingBytes'>,
  onProblem: (error: IpvetError) => void,
): Promise<LargeRequests | undefined> {
  try {
    return { bytes, ...(await probe({ ...inputs, haste: true, paddingBytes: bytes })) };
  } catch (error) {
    onProblem(asIpvetError(error, 'LOAD', `large requests to ${inputs.service.name}`));
    return undefined;
  }
}
