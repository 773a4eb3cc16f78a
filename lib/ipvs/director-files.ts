/** Files of a director that hold its rules: read, put in place with a way back that the guard can go. */
import type { Guard } from '../changes/guard.ts';
import { guardPlace } from '../changes/guard-program.ts';
import type { UndoStep } from '../changes/undo-step.ts';
import { IpvetError } from '../errors.ts';
import type { RootCommand } from '../privileges/index.ts';
import type { Host } from '../ssh/host.ts';
import { checkExit } from '../ssh/outcome.ts';
import { quoteWord } from '../ssh/quote.ts';

export interface DirectorFile {
  readonly path: string;
  /** For a file that not everybody may read. */
  readonly read?: RootCommand;
  readonly write: RootCommand;
  /** For a file that may not have been there. */
  readonly remove?: RootCommand;
  /** What makes its reader take notice. */
  readonly then?: RootCommand;
}

export interface FileEdit {
  readonly file: DirectorFile;
  /** Undefined when it was not there. */
  readonly before: string | undefined;
  /** Undefined when it is to go. */
  readonly after: string | undefined;
}

/** Undefined when it is not there. Throws PERMISSION, EXEC_FAILED when it is not UTF-8, and what `Host.exec` throws. */
export async function readDirectorFile(
  host: Host,
  { path, read }: Pick<DirectorFile, 'path' | 'read'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name } = host.declaration;
  const own = await bytesOf(host, ['cat', path], false, signal);
  if (own.exitCode !== 0 && own.stderr.includes('No such file')) return undefined;
  const found = own.exitCode === 0 || read === undefined ? own : await bytesOf(host, read.argv, true, signal);
  if (found.exitCode !== 0)
    throw new IpvetError('PERMISSION', `${name}: ${path} cannot be read: ${found.stderr.trim().split('\n')[0] ?? ''}`, {
      host: name,
      hint: 'ipvet doctor sudoers shows the sudo rule it takes',
    });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(found.bytes);
  } catch (cause) {
    throw new IpvetError('EXEC_FAILED', `${name}: ${path} is not UTF-8`, {
      host: name,
      hint: 'what is written back must be what was read; convert the file with iconv',
      cause,
    });
  }
}

async function bytesOf(host: Host, argv: readonly string[], asRoot: boolean, signal: AbortSignal) {
  const pieces: Buffer[] = [];
  const { exitCode, stderr, truncated } = await host.exec(argv, {
    asRoot,
    signal,
    exitCodes: 'any',
    onStdout: (piece) => pieces.push(piece),
  });
  const { name } = host.declaration;
  if (truncated)
    throw new IpvetError('EXEC_FAILED', `${name}: ${argv.join(' ')} gives more than can be read`, { host: name });
  return { exitCode, stderr, bytes: Buffer.concat(pieces) };
}

/** Registers the way back, then makes the change. Resolves with the number of the undo step. */
export async function putFile(
  guard: Guard,
  edit: FileEdit,
  registered: (number: number, step: UndoStep) => void,
  signal: AbortSignal,
): Promise<void> {
  const { host } = guard;
  const make = async (command: RootCommand, text = ''): Promise<void> => {
    checkExit(await guard.make(number, command, text, signal), host.declaration.name);
  };
  if (edit.before !== undefined) await writePrivately(host, copyOf(edit.file), edit.before, signal);
  const step = fileUndo(host.declaration.name, edit);
  const number = await guard.register(step);
  registered(number, step);
  if (edit.after !== undefined) await make(edit.file.write, edit.after);
  else if (edit.file.remove !== undefined) await make(edit.file.remove);
  if (edit.file.then !== undefined) await make(edit.file.then);
}

/** For the login user alone: the text may hold passwords, and the folder is open to all. */
export async function writePrivately(host: Host, path: string, text: string, signal: AbortSignal): Promise<void> {
  await host.exec(['sh', '-c', 'umask 077; rm -f "$1" && cat >"$1"', 'sh', path], { stdin: text, signal });
}

function copyOf({ path }: DirectorFile): string {
  return `${guardPlace.folder}/before${path.replaceAll('/', '.')}`;
}

/** Puts the copy back. The mark says that what reads the file has taken notice of that. */
function fileUndo(host: string, { file, before }: FileEdit): UndoStep {
  const run = (command: RootCommand) => `root ${command.argv.map(quoteWord).join(' ')}`;
  const path = quoteWord(file.path);
  const then = file.then === undefined ? '' : ` && ${run(file.then)}`;
  if (before === undefined)
    return {
      host,
      what: `${file.path} of ${host}, which was not there`,
      lasting: true,
      script: `${file.remove === undefined ? ':' : run(file.remove)}${then}\n[ ! -e ${path} ]\n`,
    };
  const copy = quoteWord(copyOf(file));
  const read = file.read === undefined ? `cat ${path}` : run(file.read);
  return {
    host,
    what: `${file.path} of ${host}`,
    lasting: true,
    script: [
      `same() { ${read} 2>/dev/null | cmp -s - ${copy}; }`,
      `if ! same || [ ! -e ${copy}.back ]; then ${run(file.write)} <${copy} >/dev/null${then} && : >${copy}.back; fi`,
      'same',
      '',
    ].join('\n'),
  };
}
