/** The answers of checks' own commands: all hosts at the same time, the commands of one host one after another. */
import { createContext, Script } from 'node:vm';

import { asIpvetError, IpvetError } from '../errors.ts';
import type { Check } from '../model/check.ts';
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import { type CommandAnswer, commandText, type HostCommand } from '../model/custom-check.ts';
import type { Evidence } from '../model/evidence.ts';
import { type Fact, known, missing, type MissingReason } from '../model/facts.ts';

import type { ExecResult, Fleet } from '../ssh/host.ts';
import { Slots } from '../ssh/slots.ts';
import type { Journal } from './journal.ts';
import type { RawFile } from './raw-file.ts';
import type { KeptCommandAnswer } from './raw-lines.ts';
import { timed } from './stages.ts';

/** Kept of each stream of one command; the rest is read and dropped. */
const keptBytes = 1 << 20;
const evidenceChars = 16 << 10;
/** Longest a search for a pattern may take: some patterns need longer than there is time on some texts. */
const searchMs = 1000;

interface Wanted {
  readonly check: string;
  readonly command: HostCommand;
}

export interface AnswersOptions {
  readonly cluster: Pick<Cluster, 'ssh'>;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly raw: Pick<RawFile, 'append'>;
  readonly signal: AbortSignal;
}

export class Answers {
  readonly #options: AnswersOptions;
  readonly #slots: Slots;
  /** stage → host → commands in the order planned */
  readonly #wanted = new Map<string, Map<string, Wanted[]>>();
  readonly #answers = new Map<string, Promise<ReadonlyMap<string, Fact<CommandAnswer>>>>();

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#slots = new Slots(options.cluster.ssh.parallel);
  }

  /** What judging the check on the host takes; before the first answer of the stage is asked for. */
  add({ id, stage, command }: Check, host: Pick<ClusterHost, 'name'>): void {
    if (command === undefined) return;
    const hosts = this.#wanted.get(stage) ?? new Map<string, Wanted[]>();
    this.#wanted.set(stage, hosts);
    hosts.set(host.name, [...(hosts.get(host.name) ?? []), { check: id, command }]);
  }

  /** Runs every command of the stage when first asked. Rejects with ABORTED only. */
  stage(stage: string): Promise<ReadonlyMap<string, Fact<CommandAnswer>>> {
    const answers =
      this.#answers.get(stage) ?? timed(this.#options.journal, commandsStage(stage), () => this.#askAll(stage));
    this.#answers.set(stage, answers);
    return answers;
  }

  async of({ id, stage }: Pick<Check, 'id' | 'stage'>, host: string): Promise<Fact<CommandAnswer>> {
    const answer = (await this.stage(stage)).get(keyOf(host, id));
    return answer ?? missing('not-collected', `${host}: the command of ${id} was not planned`);
  }

  async #askAll(stage: string): Promise<ReadonlyMap<string, Fact<CommandAnswer>>> {
    const hosts = [...(this.#wanted.get(stage) ?? [])];
    const answers = await Promise.all(
      hosts.map(async ([host, wanted]) => {
        const release = await this.#slots.take(this.#options.signal);
        try {
          const own: [string, Fact<CommandAnswer>][] = [];
          for (const { check, command } of wanted) {
            const answer = await this.#ask(host, command);
            this.#options.raw.append({ type: 'command-answer', check, host, answer: withoutFind(answer) });
            own.push([keyOf(host, check), answer]);
          }
          return own;
        } finally {
          release();
        }
      }),
    );
    return new Map(answers.flat());
  }

  async #ask(host: string, { argv, timeoutMs }: HostCommand): Promise<Fact<CommandAnswer>> {
    const { fleet, signal } = this.#options;
    try {
      const connection = await fleet.host(host);
      const result = await connection.exec(argv, { timeoutMs, signal, maxBytes: keptBytes, exitCodes: 'any' });
      return answerOf(host, result);
    } catch (error) {
      const failure = asIpvetError(error, 'EXEC_FAILED', `${host}: ${commandText(argv)}`);
      if (failure.code === 'ABORTED' || signal.aborted)
        throw new IpvetError('ABORTED', `interrupted while asking ${host}`, { cause: error, host });
      return missing(reasonOf(failure), failure.message, failure.hint === undefined ? {} : { hint: failure.hint });
    }
  }
}

/** Name of the part of a run in which the commands of checks of that stage run. */
export function commandsStage(stage: string): string {
  return stage === 'pre' ? 'commands' : `commands ${stage}`;
}

function keyOf(host: string, check: string): string {
  return `${check}@${host}`;
}

function reasonOf({ code }: IpvetError): MissingReason {
  if (code === 'EXEC_TIMEOUT') return 'deadline';
  if (code === 'PERMISSION') return 'permission';
  return code.startsWith('SSH_') ? 'unreachable' : 'command-failed';
}

function answerOf(
  host: string,
  { argv, exitCode, signal, stdout, stderr, truncated }: ExecResult,
): Fact<CommandAnswer> {
  const command = commandText(argv);
  const output = `${stdout}${stdout === '' || stdout.endsWith('\n') ? '' : '\n'}${stderr}`.trimEnd();
  const evidence: Evidence = {
    host,
    command,
    output: capped(output, truncated),
    ...(exitCode === null ? {} : { exitCode }),
  };
  if (exitCode === null) {
    const by = signal === undefined ? 'without telling how' : `by ${signal}`;
    return missing('command-failed', `${host}: the command was ended ${by}`, { evidence });
  }
  return withFind(known({ exitCode, stdout, stderr, cut: truncated, evidence }, evidence));
}

function withoutFind(answer: Fact<CommandAnswer>): KeptCommandAnswer {
  if (!answer.known) return answer;
  const { exitCode, stdout, stderr, cut, evidence } = answer.value;
  return { ...answer, value: { exitCode, stdout, stderr, cut, evidence } };
}

/** An answer that was kept can be searched again. */
export function withFind(answer: KeptCommandAnswer): Fact<CommandAnswer> {
  if (!answer.known) return answer;
  const { stdout, stderr } = answer.value;
  const find: CommandAnswer['find'] = (stream, pattern) => search(pattern, stream === 'stdout' ? stdout : stderr);
  return { ...answer, value: { ...answer.value, find } };
}

function capped(text: string, cut: boolean): string {
  if (text.length <= evidenceChars && !cut) return text;
  return `${text.slice(0, evidenceChars)}\n[${cut ? 'more than 1 MiB' : `${text.length} characters`} in all]`;
}

const searching = new Script(
  '{ const found = new RegExp(pattern, "m").exec(text); found === null ? null : [...found] }',
);

/** The engine can be interrupted in a script of its own only. */
function search(pattern: string, text: string): ReturnType<CommandAnswer['find']> {
  try {
    const found: unknown = searching.runInContext(createContext({ pattern, text }), { timeout: searchMs });
    return Array.isArray(found) ? found.map((group: unknown) => (typeof group === 'string' ? group : '')) : undefined;
  } catch (error) {
    // Of the script's own realm, so no Error of ours.
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too-slow';
    throw error;
  }
}
