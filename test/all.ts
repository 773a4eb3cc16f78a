/**
 * Every test of the product, stage by stage, and one closing line with the sums. A stage that could not run counts as
 * failed; a skipped test prints its reason.
 * `npm test -- unit ssh` runs the stages named.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'glob';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Stage {
  readonly name: string;
  readonly run: () => Promise<Counts>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

const stages: readonly Stage[] = [
  { name: 'check', run: checkSources },
  ...['unit', 'ssh', 'golden', 'house'].map((name) => ({ name, run: () => mocha([`test/${name}/**/*.test.ts`]) })),
  { name: 'lab', run: labs },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no test stage ${unknown.join(', ')}; stages: ${stages.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const { name, run } of stages.filter((stage) => wanted.length === 0 || wanted.includes(stage.name))) {
  process.stdout.write(`\n== ${name}\n`);
  const startedAt = performance.now();
  const counts = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  lines.push(`${name}: ${inWords(counts)} in ${seconds} s`);
  sum = {
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
  };
}
process.stdout.write(`\n${lines.join('\n')}\n${inWords(sum)}\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Types, lint, format and dead code: one test each. */
async function checkSources(): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  for (const script of ['check:types', 'check:lint', 'check:format', 'check:dead']) {
    const code = await exitCodeOf('npm', ['run', '--silent', script]);
    process.stdout.write(`  ${code === 0 ? 'ok' : 'FAILED'} ${script}\n`);
    if (code === 0) passed++;
    else failed++;
  }
  return { passed, failed, skipped: 0 };
}

/**
 * File by file, two at a time: each has a lab of its own, and waits for it most of its time. The one that has several labs
 * comes last and alone. What a file printed comes when it has ended.
 */
async function labs(): Promise<Counts> {
  const files = (await glob('test/lab/**/*.test.ts', { cwd: root })).toSorted();
  const alone = (file: string) => file.includes('survival');
  const single = files.filter((file) => !alone(file));
  const counts: Counts[] = [];
  const work = async (): Promise<void> => {
    for (let file = single.shift(); file !== undefined; file = single.shift())
      counts.push(await mocha([file], 'at its end'));
  };
  await Promise.all([work(), work()]);
  for (const file of files.filter(alone)) counts.push(await mocha([file]));
  const all = (kind: keyof Counts) => counts.reduce((total, each) => total + each[kind], 0);
  return { passed: all('passed'), failed: all('failed'), skipped: all('skipped') };
}

/** In a mocha process of their own, so that one stage cannot leave anything to the next. */
async function mocha(files: readonly string[], told: 'at once' | 'at its end' = 'at once'): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), 'ipvet-test-'));
  const file = join(directory, 'counts.json');
  try {
    const code = await exitCodeOf(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '--config', 'test/.mocharc.json', '--reporter', 'test/reporter.ts', ...files],
      { IPVET_TEST_COUNTS: file },
      told,
    );
    const counts = JSON.parse(await readFile(file, 'utf8')) as Counts;
    // Mocha also ends badly for what is no test: an unhandled rejection, a broken file.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    process.stdout.write(`  the stage left no counts: ${String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
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
