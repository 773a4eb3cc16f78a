import type { CheckCase } from './case.ts';
import { cases as realServer } from './real-server.ts';

export const cases: readonly CheckCase[] = [...realServer];
