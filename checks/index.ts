/** Every check there is, in the order they are planned and shown. */
import { directorChecks } from './director/index.ts';
import { realServerChecks } from './real-server/index.ts';
import type { Check } from '../lib/model/check.ts';

export const checks: readonly Check[] = [...directorChecks, ...realServerChecks];

/** Undefined for an id that no check has. */
export function checkById(id: string): Check | undefined {
  return checks.find((check) => check.id === id);
}
