/**
 * A few requests of more than one packet through the VIP, when small ones have been answered: a tunnel or a link that is too
 * narrow lets every handshake and small page through, and no load of small requests tells of it.
 */
import { asIpvetError } from '../errors.ts';
import type { LoadPlan } from '../load/engine.ts';
import type { LargeRequests } from '../model/ends.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { Journal } from './journal.ts';
import { probe, type ProbeInputs } from './probe.ts';
import { tellProblem } from './stages.ts';

/** Three full segments of Ethernet; less than servers take of one header (4 KiB and more). */
const bytes = 3000;

/** Not where figures are what the load is for, nor of what is not HTTP. */
export function asksLarge({ url, profile }: LoadPlan): boolean {
  return url.startsWith('http') && profile.measured !== true;
}

/**
 * When all is counted that the load itself does, which may have been sizes: all was answered, or answers never came of
 * connections that were made. Undefined where they could not be sent, which is no finding. Takes about 1 s, or 4 s where
 * they hang. Never rejects.
 */
export async function largeRequests(
  inputs: Omit<ProbeInputs, 'haste' | 'paddingBytes'>,
  { answered, failed, errors: { byKind } }: LoadResult,
  journal: Journal,
): Promise<LargeRequests | undefined> {
  const mayBeSizes = answered > 0 && (failed === 0 || (byKind['response-timeout'] ?? 0) > 0);
  if (!asksLarge(inputs.plan) || !mayBeSizes || inputs.signal.aborted) return undefined;
  try {
    return { bytes, ...(await probe({ ...inputs, haste: true, paddingBytes: bytes })) };
  } catch (error) {
    tellProblem(journal, asIpvetError(error, 'LOAD', `large requests to ${inputs.service.name}`));
    return undefined;
  }
}
