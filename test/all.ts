/**
 * Every test of the product, stage by stage; then what was skipped, what failed and why, and one closing line with the
 * sums. A stage that could not run counts as failed; a skipped test prints its reason.
 * `npm test -- unit ssh` runs the stages named.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'glob';

import type { Outcome } from './reporter.js';

interface Stage {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

const stages: readonly Stage[] = [
  { name: 'check', run: checkSources },
  ...['unit', 'ssh', 'golden', 'house', 'browser'].map((name) => ({
    name,
    run: () => mocha([`test/${name}/**/*.test.ts`]),
  })),
  { name: 'lab', run: labs },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no test stage ${unknown.join(', ')}; stages: ${stages.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
const lines: string[] = [];
for (const { name, run } of stages.filter((stage) => wanted.length === 0 || wanted.includes(stage.name))) {
  process.stdout.write(`\n== ${name}\n`);
  const startedAt = performance.now();
  const outcome = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  lines.push(`${name}: ${inWords(outcome)} in ${seconds} s`);
  outcomes.push(outcome);
}
const sum = together(outcomes);
process.stdout.write(
  [
    '',
    ...sum.skips.map((title) => `skipped: ${title}`),
    ...sum.failures.map((failure) => `FAILED: ${failure}\n`),
    ...lines,
    inWords(sum),
    '',
  ].join('\n'),
);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function inWords({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function together(outcomes: readonly Outcome[]): Outcome {
  const total = (kind: 'passed' | 'failed' | 'skipped') => outcomes.reduce((sum, each) => sum + each[kind], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    failures: outcomes.flatMap(({ failures }) => failures),
    skips: outcomes.flatMap(({ skips }) => skips),
  };
}

/** Types, lint, format and dead code: one test each. */
async function checkSources(): Promise<Outcome> {
  const failures: string[] = [];
  const scripts = ['check:types', 'check:lint', 'check:format', 'check:dead'];
  for (const script of scripts) {
    const code = await exitCodeOf('npm', ['run', '--silent', script]);
    process.stdout.write(`  ${code === 0 ? 'ok' : 'FAILED'} ${script}\n`);
    if (code !== 0) failures.push(`npm run ${script}: exit code ${code}`);
  }
  return { passed: scripts.length - failures.length, failed: failures.length, skipped: 0, failures, skips: [] };
}

/**
 * File by file, two at a time: each has a lab of its own, and waits for it most of its time. The one that has several labs
 * comes last and alone. What a file printed comes when it has ended.
 */
async function labs(): Promise<Outcome> {
  const files = (await glob('test/lab/**/*.test.ts', { cwd: root })).toSorted();
  const alone = (file: string) => file.includes('survival');
  const single = files.filter((file) => !alone(file));
  const ended: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let file = single.shift(); file !== undefined; file = single.shift())
      ended.push(await mocha([file], 'at its end'));
  };
  await Promise.all([work(), work()]);
  for (const file of files.filter(alone)) ended.push(await mocha([file]));
  return together(ended);
}

/** In a mocha process of their own, so that one stage cannot leave anything to the next. */
async function mocha(files: readonly string[], told: 'at once' | 'at its end' = 'at once'): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'ipvet-test-'));
  const file = join(directory, 'outcome.json');
  try {
    const code = await exitCodeOf(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '--config', 'test/.mocharc.json', '--reporter', 'test/reporter.ts', ...files],
      { IPVET_TEST_OUTCOME: file },
      told,
    );
    const outcome = JSON.parse(await readFile(file, 'utf8')) as Outcome;
    if (code === 0 || outcome.failed > 0) return outcome;
    // Mocha also ends badly for what is no test: an unhandled rejection, a broken file.
    return { ...outcome, failed: 1, failures: [`${files.join(' ')}: mocha ended with exit code ${code}`] };
  } catch (error) {
    const failure = `${files.join(' ')}: no outcome was left: ${String(error)}`;
    return { passed: 0, failed: 1, skipped: 0, failures: [failure], skips: [] };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function exitCodeOf(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  told: 'at once' | 'at its end' = 'at once',
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const output = told === 'at once' ? 'inherit' : 'pipe';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...environment },
    });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => said.push(piece));
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(said));
      resolve(code);
    });
  });
}
