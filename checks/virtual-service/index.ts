import { rules } from './rules.ts';
import type { Check } from '../../lib/model/check.ts';

export const virtualServiceChecks: readonly Check[] = [rules];
