/** Every check there is, in the order they are planned and shown. */
import { clientChecks } from './client/index.ts';
import { directorChecks } from './director/index.ts';
import { haChecks } from './ha/index.ts';
import { networkChecks } from './network/index.ts';
import { realServerChecks } from './real-server/index.ts';
import { trafficChecks } from './traffic/index.ts';
import { virtualServiceChecks } from './virtual-service/index.ts';
import type { Check } from '../lib/model/check.ts';

export const checks: readonly Check[] = [
  ...networkChecks,
  ...directorChecks,
  ...haChecks,
  ...realServerChecks,
  ...clientChecks,
  ...virtualServiceChecks,
  ...trafficChecks,
];

/** Undefined for an id that no check has. */
export function checkById(id: string): Check | undefined {
  return checks.find((check) => check.id === id);
}
