import { setMaxListeners } from 'node:events';

/**
 * Calls back once when the signal fires; the function returned takes it back. One signal serves a whole run, with a
 * listener for each program under way, which is what Node's warning about more than ten of them is not for.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', callback, { once: true });
  return () => {
    signal.removeEventListener('abort', callback);
  };
}

/**
 * Work with a signal that fires with the one given, and when the time is up. Not AbortSignal.any of AbortSignal.timeout: nobody but
 * their composite holds that timeout, weakly, so that the garbage collector may take it before it fires (nodejs/node issue 57736).
 */
export async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const stop = () => {
    abort.abort(signal.reason);
  };
  const disarm = onAbort(signal, stop);
  if (signal.aborted) stop();
  const timer = setTimeout(() => {
    abort.abort(new DOMException(`not done within ${limitMs} ms`, 'TimeoutError'));
  }, limitMs);
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(timer);
    disarm();
  }
}
