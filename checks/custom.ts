/** A check that the cluster file declares, as one of the catalogue's kind: a command's answer held against what it should be. */
import { cannotTell, type Check, defineCheck, fail, type Judgement, pass } from '../lib/model/check.ts';
import { type CommandAnswer, commandText, type CustomCheck, type Expectation } from '../lib/model/custom-check.ts';

export function customCheck(declared: CustomCheck): Check {
  const { id, title, hosts, stage, severity, command, expect, why, remedy } = declared;
  return defineCheck({
    id,
    title,
    failureTitle: `Not so: ${title}`,
    sees: [],
    severity,
    stage,
    scope: 'host',
    hosts,
    requires: [],
    command,
    doc: {
      why: why ?? 'The cluster file declares it.',
      byHand: [commandText(command.argv)],
      references: ['checks.custom'],
    },
    evaluate(_facts, { host }, { answer }) {
      if (answer === undefined) return cannotTell(`${host.name}: the command left no answer`, []);
      return judged(host.name, answer, expect, why, remedy);
    },
  });
}

/** Of what was printed, in `found`; the evidence has more. */
const shownChars = 500;
/** A shell's own codes for a program that is there and cannot be run, and for one that is not there (POSIX XCU 2.8.2). */
const notRun: readonly number[] = [126, 127];

function judged(
  host: string,
  answer: CommandAnswer,
  expect: Expectation,
  why: string | undefined,
  remedy: CustomCheck['remedy'],
): Judgement {
  const { exitCode, evidence } = answer;
  const wrong: string[] = [];
  if (exitCode !== expect.exit) {
    const said = saidBy(answer);
    if (notRun.includes(exitCode))
      return cannotTell(`${host}: the command cannot be run (exit code ${exitCode})${said}`, [evidence], toRun);
    wrong.push(`exit code ${exitCode} and not ${expect.exit}${said}`);
  }
  const doubts: string[] = [];
  for (const [stream, name] of streams) {
    const pattern = expect[stream];
    if (pattern === undefined) continue;
    const found = answer.find(stream, pattern);
    if (found === 'too-slow') doubts.push(`looking for \`${pattern}\` in its ${name} took longer than a second`);
    else if (found === undefined && answer.cut) doubts.push(tooLong);
    else if (found === undefined) wrong.push(`no \`${pattern}\` in its ${name}`);
  }
  const number = numberIn(answer, expect);
  if (number === 'none') {
    // A command that failed already need not have printed it.
    if (wrong.length === 0) doubts.push(answer.cut ? tooLong : 'it printed no number');
  } else if (number !== undefined) {
    if (expect.max !== undefined && number > expect.max) wrong.push(`${number} is more than ${expect.max}`);
    if (expect.min !== undefined && number < expect.min) wrong.push(`${number} is less than ${expect.min}`);
  }
  const found = {
    exitCode,
    ...(typeof number === 'number' ? { number } : {}),
    stdout: answer.stdout.slice(0, shownChars).trimEnd(),
    ...(answer.stderr === '' ? {} : { stderr: answer.stderr.slice(0, shownChars).trimEnd() }),
  };
  if (wrong.length > 0) {
    return fail({
      reason: `${host}: ${wrong.join('; ')}${why === undefined ? '' : `. ${why}`}`,
      found,
      expected: expect,
      evidence: [evidence],
      ...(remedy === undefined ? {} : { remedy: { host, ...remedy } }),
    });
  }
  if (doubts.length > 0) return cannotTell(`${host}: ${[...new Set(doubts)].join('; ')}`, [evidence]);
  return pass(found, [evidence]);
}

const streams = [
  ['stdout', 'standard output'],
  ['stderr', 'standard error'],
] as const;
const tooLong = 'it printed more than 1 MiB, and what was kept does not decide';
const toRun = 'Look whether the program is installed there, and whether the login user may run it.';

function saidBy({ stdout, stderr }: CommandAnswer): string {
  const line = `${stderr}\n${stdout}`.split('\n').find((one) => one.trim() !== '');
  return line === undefined ? '' : `: ${line.trim().slice(0, 200)}`;
}

/** Undefined where none is asked for. */
function numberIn(answer: CommandAnswer, { stdout, max, min }: Expectation): number | 'none' | undefined {
  if (max === undefined && min === undefined) return undefined;
  const matched = stdout === undefined ? undefined : answer.find('stdout', stdout);
  const group = typeof matched === 'object' ? matched[1] : undefined;
  const text = group ?? /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(answer.stdout)?.[0];
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? 'none' : number;
}
