/** What is written to the terminal besides reports: without secrets, and with nothing in it that a terminal would obey. */
import { visible } from '../lib/model/visible-text.ts';
import { redactor } from '../lib/redaction.ts';
import { exitCodes } from '../lib/run/outcome.ts';

/** Text of several lines from anywhere, fit to be shown. */
export function shown(text: string): string {
  return visible(redactor.text(text));
}

/** As `shown`, on standard error, with a newline. */
export function say(text: string): void {
  process.stderr.write(`${shown(text)}\n`);
}

/**
 * Whether text for `stream` may be coloured. Node's types say that `isTTY` is a boolean; off a terminal it is undefined,
 * which picocolors takes for "find out yourself" and colours under CI=1.
 */
export function takesColor(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && process.env['NO_COLOR'] === undefined;
}

/** A pipe whose reader left (`| head`), a terminal that was closed. */
const gone: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ENXIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * From now on nobody reading any more is no reason to stop: a run in progress goes on quietly and restores. Standard
 * output that cannot be written for another reason (a full disk behind `>`) is told, and makes a run that would have
 * passed inconclusive, since its result never arrived.
 */
export function outliveTerminal(): void {
  let failure: NodeJS.ErrnoException | undefined;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (gone.has(error.code ?? '') || failure !== undefined) return;
    failure = error;
    say(`ipvet: standard output cannot be written: ${error.message}`);
  });
  process.on('exit', (code) => {
    if (failure !== undefined && code === exitCodes.pass) process.exitCode = exitCodes.inconclusive;
  });
}
