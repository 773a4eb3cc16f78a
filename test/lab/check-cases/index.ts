import type { CheckCase } from './case.ts';

export const cases: readonly CheckCase[] = [];
