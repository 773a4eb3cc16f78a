/** What passes between drive.ts and the load agent: JSON, one message a line. */
import type { ErrorCode } from '../errors.ts';
import type { LoadOutcome, LoadPlan, LoadProgress } from './engine.ts';

/** On the agent's standard input. Its end means that whoever asked is gone: the agent ends too. */
export type AgentRequest =
  | {
      readonly kind: 'drive';
      readonly plan: LoadPlan;
      readonly endpoints: readonly string[];
      readonly reportProgress: boolean;
    }
  | { readonly kind: 'stop' };

/** On the agent's standard output. Exactly one `result` or `error`, which is the last. */
export type AgentReport =
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'result'; readonly result: LoadOutcome }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message: string; readonly hint?: string };
