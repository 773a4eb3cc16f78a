/** English, and the shape every language has. */
import { topology } from './topology.ts';

export const en = { topology };

/** What a report says in words of ours; what hosts, checks and diagnoses say stays as it was said. */
export type Words = typeof en;
