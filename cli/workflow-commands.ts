/**
 * A step of GitHub Actions obeys lines of either stream as commands (`::add-mask::…`, `::stop-commands::…`, the older
 * `##[…]`), and much of what is printed here was said by hosts. There such a line is broken where anybody can see it. What the
 * runner takes for one: actions/runner, src/Runner.Common/ActionCommand.cs (`::` after white space; `##[` anywhere).
 */

type Write = typeof process.stdout.write;

/** In the order in which they were made safe. */
const plain = new Map<NodeJS.WriteStream, Write>();

/** `before`: what the line has so far that `text` goes on with. */
export function disarmed(text: string, before = ''): string {
  const broken = `${before}${text}`.replace(/^([^\S\r\n]*):(?=:)/gmu, '$1: ').replace(/##(?=\[)/g, '## ');
  return broken.slice(before.length);
}

/** As much of an unfinished line as may become a command with what comes next. */
export function unfinished(line: string): string {
  const last = line.slice(Math.max(line.lastIndexOf('\n'), line.lastIndexOf('\r')) + 1);
  return /^\s*:?$/u.test(last) ? last.slice(-80) : (/#{1,2}$/.exec(last)?.[0] ?? '.');
}

/** From now on both streams are safe to be read by a runner, where there is one. */
export function disarmStreams(
  env: Readonly<Record<string, string | undefined>> = process.env,
  streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr],
): void {
  if (env['GITHUB_ACTIONS'] !== 'true') return;
  for (const stream of streams) {
    if (plain.has(stream)) continue;
    const write: Write = stream.write.bind(stream);
    plain.set(stream, write);
    let before = '';
    stream.write = (chunk: unknown, ...rest: never[]) => {
      if (typeof chunk !== 'string') return write(chunk as Uint8Array, ...rest);
      const safe = disarmed(chunk, before);
      before = unfinished(`${before}${chunk}`);
      return write(safe, ...rest);
    };
  }
}

/** Commands of ours: a runner is to obey them. */
export function writeCommands(stream: NodeJS.WriteStream, lines: string): void {
  const write: Write = plain.get(stream) ?? stream.write.bind(stream);
  write(lines);
}
