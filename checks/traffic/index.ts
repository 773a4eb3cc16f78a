import { capacity } from './capacity.ts';
import { distribution } from './distribution.ts';
import { generator } from './generator.ts';
import { handshakes } from './handshakes.ts';
import { reconciliation } from './reconciliation.ts';
import { requests } from './requests.ts';
import { sampling } from './sampling.ts';
import { thresholds } from './thresholds.ts';
import type { Check } from '../../lib/model/check.ts';

/** First what clients felt, then what the director saw, then whether the instruments can be believed. */
export const trafficChecks: readonly Check[] = [
  requests,
  thresholds,
  capacity,
  distribution,
  reconciliation,
  handshakes,
  generator,
  sampling,
];
