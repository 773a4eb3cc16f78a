import { IpvetError } from '../../lib/errors.ts';

/** The typed error a promise rejects with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<IpvetError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof IpvetError) return error;
    throw new Error(`not a typed error: ${String(error)}`, { cause: error });
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
}
