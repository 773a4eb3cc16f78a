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
