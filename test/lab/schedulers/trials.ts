/** What is tried of each scheduler on the lab's director, and what the model has to say of it. */
import type { Distribution } from '../../../lib/model/distribution.ts';

export interface Trial {
  readonly name: string;
  readonly scheduler: string;
  readonly flags?: readonly string[];
  readonly persistenceS?: number;
  /** As declared, of rs1, rs2 and rs3. */
  readonly weights: readonly [number, number, number];
  /** As the kernel has them; as declared unless said otherwise. */
  readonly kernelWeights?: readonly [number, number, number];
  /** Set to 0 once the service is in place: rs with such an index. */
  readonly quiesce?: number;
  /** Upper threshold of rs2. */
  readonly upper?: number;
  /** Number of client addresses. */
  readonly sources: number;
  readonly connections: number;
  readonly concurrency: number;
  readonly holdMs: readonly [number, number];
  readonly outcome: Distribution['outcome'];
  readonly method: NonNullable<Distribution['method']>;
  readonly reason?: RegExp;
}

const many = { sources: 24, connections: 600, concurrency: 12, holdMs: [20, 60] } as const;
/** Long enough for a few looks at the table. */
const short = { ...many, holdMs: [0, 0], connections: 2400 } as const;
const alone = { ...many, concurrency: 1, holdMs: [0, 0], connections: 120 } as const;
const even = [2, 2, 2] as const;
const uneven = [6, 4, 2] as const;
/** rs2 has half the weight it should have. */
const halved = { weights: even, kernelWeights: [2, 1, 2] } as const;

export const trials: readonly Trial[] = [
  { name: 'rr', scheduler: 'rr', weights: even, ...many, outcome: 'pass', method: 'exact' },
  { name: 'rr, rs2 quiesced', scheduler: 'rr', weights: [1, 0, 1], ...many, outcome: 'pass', method: 'exact' },
  {
    name: 'rr, rs2 full at 50',
    scheduler: 'rr',
    weights: even,
    upper: 50,
    ...many,
    outcome: 'error',
    method: 'exact',
    reason: /may have been full: rs2 \(50\)/,
  },
  { name: 'wrr', scheduler: 'wrr', weights: uneven, ...many, outcome: 'pass', method: 'exact' },
  { name: 'wrr, rs2 at half', scheduler: 'wrr', ...halved, ...many, outcome: 'fail', method: 'exact' },
  { name: 'lc', scheduler: 'lc', weights: even, ...many, outcome: 'pass', method: 'monte-carlo' },
  {
    name: 'lc, rs2 full at 50',
    scheduler: 'lc',
    weights: even,
    upper: 50,
    ...many,
    outcome: 'pass',
    method: 'monte-carlo',
  },
  { name: 'wlc', scheduler: 'wlc', weights: uneven, ...many, outcome: 'pass', method: 'monte-carlo' },
  {
    name: 'wlc, short connections',
    scheduler: 'wlc',
    weights: uneven,
    ...short,
    outcome: 'pass',
    method: 'monte-carlo',
  },
  { name: 'wlc, rs2 at half', scheduler: 'wlc', ...halved, ...many, outcome: 'fail', method: 'monte-carlo' },
  { name: 'sed', scheduler: 'sed', weights: uneven, ...many, outcome: 'pass', method: 'monte-carlo' },
  { name: 'sed, rs2 at half', scheduler: 'sed', ...halved, ...many, outcome: 'fail', method: 'monte-carlo' },
  { name: 'nq', scheduler: 'nq', weights: uneven, ...many, outcome: 'pass', method: 'monte-carlo' },
  { name: 'nq, one at a time', scheduler: 'nq', weights: uneven, ...alone, outcome: 'pass', method: 'monte-carlo' },
  { name: 'nq, rs2 at half', scheduler: 'nq', ...halved, ...many, outcome: 'fail', method: 'monte-carlo' },
  { name: 'fo', scheduler: 'fo', weights: [1, 3, 2], ...many, outcome: 'pass', method: 'exact' },
  {
    name: 'fo, rs2 at half',
    scheduler: 'fo',
    weights: [1, 3, 2],
    kernelWeights: [1, 1, 2],
    ...many,
    outcome: 'fail',
    method: 'exact',
  },
  { name: 'ovf', scheduler: 'ovf', weights: uneven, ...many, outcome: 'pass', method: 'monte-carlo' },
  { name: 'sh', scheduler: 'sh', weights: uneven, ...many, outcome: 'pass', method: 'by-hash' },
  { name: 'sh, rs2 at half', scheduler: 'sh', ...halved, ...many, outcome: 'fail', method: 'by-hash' },
  {
    name: 'sh, sh-port',
    scheduler: 'sh',
    flags: ['sh-port'],
    weights: uneven,
    ...many,
    outcome: 'pass',
    method: 'by-hash',
  },
  {
    name: 'sh, sh-fallback, rs2 quiesced',
    scheduler: 'sh',
    flags: ['sh-fallback'],
    weights: [1, 0, 1],
    ...many,
    outcome: 'pass',
    method: 'by-hash',
  },
  {
    name: 'sh, one address',
    scheduler: 'sh',
    weights: even,
    ...many,
    sources: 1,
    outcome: 'error',
    method: 'untestable',
    reason: /^not testable from one source address/,
  },
  { name: 'dh', scheduler: 'dh', weights: uneven, ...many, outcome: 'pass', method: 'by-hash' },
  { name: 'mh', scheduler: 'mh', weights: uneven, ...many, outcome: 'pass', method: 'by-hash' },
  { name: 'mh, rs2 at half', scheduler: 'mh', ...halved, ...many, outcome: 'fail', method: 'by-hash' },
  {
    name: 'mh, mh-port',
    scheduler: 'mh',
    flags: ['mh-port'],
    weights: uneven,
    ...many,
    outcome: 'pass',
    method: 'by-hash',
  },
  {
    name: 'mh, mh-fallback, rs2 quiesced',
    scheduler: 'mh',
    flags: ['mh-fallback'],
    weights: [1, 0, 1],
    kernelWeights: [1, 1, 1],
    quiesce: 1,
    ...many,
    outcome: 'pass',
    method: 'by-hash',
  },
  {
    name: 'lblc',
    scheduler: 'lblc',
    weights: uneven,
    ...many,
    concurrency: 2,
    connections: 120,
    outcome: 'pass',
    method: 'monte-carlo',
  },
  {
    name: 'lblc, overflowing',
    scheduler: 'lblc',
    weights: uneven,
    ...many,
    connections: 2400,
    outcome: 'pass',
    method: 'monte-carlo',
  },
  { name: 'lblcr', scheduler: 'lblcr', weights: uneven, ...many, outcome: 'pass', method: 'monte-carlo' },
  {
    name: 'rr, persistence, 400 addresses',
    scheduler: 'rr',
    persistenceS: 300,
    weights: even,
    ...short,
    sources: 400,
    connections: 400,
    outcome: 'pass',
    method: 'chi-square',
  },
  {
    name: 'rr, persistence, 24 addresses',
    scheduler: 'rr',
    persistenceS: 300,
    weights: even,
    ...many,
    outcome: 'error',
    method: 'chi-square',
    reason: /at least \d+ are needed/,
  },
  {
    name: 'rr, persistence, one address',
    scheduler: 'rr',
    persistenceS: 300,
    weights: even,
    ...many,
    sources: 1,
    outcome: 'error',
    method: 'untestable',
    reason: /^not testable from one source address/,
  },
];
