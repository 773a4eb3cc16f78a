/** A verdict in mocha's words: pass returns, not-applicable and waived skip, fail throws with expected and actual. */
import { AssertionError } from 'chai';

import type { Verdict } from '../model/verdict.ts';
import { visible } from '../model/visible-text.ts';
import { redactor } from '../redaction.ts';

/** Looked, and could not tell: neither a pass nor a failure of the cluster. */
export class IndeterminateError extends Error {
  override readonly name = 'IndeterminateError';
}

/** `context` is mocha's `this` of the test. */
export function speak(verdict: Verdict, context: { skip(): never }): void {
  // mocha prints it as it is.
  const reason = visible(redactor.text(verdict.reason ?? ''));
  switch (verdict.outcome) {
    case 'pass':
    case 'warn':
      return;
    case 'not-applicable':
    case 'waived':
      context.skip();
      break;
    case 'fail':
      throw new AssertionError(
        reason,
        { actual: shown(verdict.found), expected: shown(verdict.expected), showDiff: true },
        speak,
      );
    case 'error':
    case 'not-run':
      throw new IndeterminateError(
        verdict.hint === undefined ? reason : `${reason} (${visible(redactor.text(verdict.hint))})`,
      );
  }
}

/** mocha writes values with JSON.stringify, and texts as they are. */
function shown(value: unknown): unknown {
  const clean = redactor.value(value);
  return typeof clean === 'string' ? visible(clean) : clean;
}
