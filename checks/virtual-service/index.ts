import { hashFallback } from './hash-fallback.ts';
import { healthChecker } from './health-checker.ts';
import { overloadThreshold } from './overload-threshold.ts';
import { persistence } from './persistence.ts';
import { quiescence } from './quiescence.ts';
import { rules } from './rules.ts';
import { weights } from './weights.ts';
import type { Check } from '../../lib/model/check.ts';

export const virtualServiceChecks: readonly Check[] = [
  rules,
  weights,
  overloadThreshold,
  hashFallback,
  persistence,
  quiescence,
  healthChecker,
];
