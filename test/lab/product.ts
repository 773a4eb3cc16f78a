/** The product as a user runs it, for tests on a real lab. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { Tier } from '../../lib/model/tier.ts';
import type { SudoersFile } from '../../lib/privileges/index.ts';

const ipvet = fileURLToPath(new URL('../../bin/ipvet', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends by itself, or soon after `signal.after` appeared on either stream and the signal was sent, at once or so much later. */
export function run(
  args: readonly string[],
  signal?: { readonly after: RegExp; readonly name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'; readonly laterMs?: number },
  timeout = 150_000,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout, maxBuffer: 64 << 20 };
    const child = execFile(process.execPath, [ipvet, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
    let seen = '';
    let sent = false;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece: string) => {
        if (signal === undefined || sent) return;
        seen += piece;
        if (!signal.after.test(seen)) return;
        sent = true;
        setTimeout(() => child.kill(signal.name), signal.laterMs ?? 0);
      });
  });
}

export function skipWithoutLab(context: Mocha.Context): void {
  if (process.getuid?.() === 0 && process.platform === 'linux') return;
  process.stdout.write('  skipped: the lab needs Linux and root\n');
  context.skip();
}

/** Path of the cluster file. Its login user may do there exactly what `ipvet doctor sudoers` says ipvet needs. */
export async function labUp(name: string, ...options: readonly string[]): Promise<string> {
  const up = await run(['lab', 'up', '--name', name, ...options]);
  expect(up.code, up.stderr).to.equal(0);
  const clusterFile = up.stdout.trimEnd().split('\n').at(-1) ?? '';
  await preciseSudo(name, clusterFile);
  return clusterFile;
}

/** The cluster file with `change` made to it, as `copy` in another folder; its path. */
export async function changedCopy(
  clusterFile: string,
  copy: string,
  change: (text: string) => string,
): Promise<string> {
  const text = (await readFile(clusterFile, 'utf8')).replace('config: ./', `config: ${dirname(clusterFile)}/`);
  expect(change(text)).to.not.equal(text);
  await writeFile(copy, change(text));
  return copy;
}

/**
 * In place of all other rules of the login user, on every host, what `ipvet doctor sudoers` prints up to the tier; `fix`
 * with what `ipvet fix apply` needs besides.
 */
export async function preciseSudo(lab: string, clusterFile: string, tier: Tier = 'change', fix?: 'fix'): Promise<void> {
  const more = fix === undefined ? [] : ['--with-fix'];
  const printed = await run(['doctor', 'sudoers', '-i', clusterFile, '--tier', tier, ...more, '--json']);
  expect(printed.code, printed.stderr).to.equal(0);
  const files = JSON.parse(printed.stdout) as readonly SudoersFile[];
  const wanted = files.flatMap((file) => (file.user === 'root' ? [] : file.hosts.map((host) => ({ host, ...file }))));
  expect(wanted.length).to.be.at.least(2);
  await Promise.all(
    wanted.map(({ host, name, text }) =>
      onHost(
        lab,
        `root@${host}`,
        [
          'cd /etc/sudoers.d',
          `printf %s '${text.replaceAll("'", String.raw`'\\''`)}' > ${name}.new`,
          `visudo -cf ${name}.new`,
          `chmod 440 ${name}.new`,
          `find . -type f ! -name README ! -name ${name}.new -delete`,
          `mv ${name}.new ${name}`,
        ].join(' && '),
      ),
    ),
  );
}

/** One sh line on a lab host; `root@HOST` for root. */
export async function onHost(name: string, host: string, line: string): Promise<string> {
  const ended = await run(['lab', 'ssh', host, '--name', name, '--', line]);
  expect(ended.code, `${line}: ${ended.stderr}`).to.equal(0);
  return ended.stdout;
}

export const rulesOn = (name: string): Promise<string> => onHost(name, 'root@director1', 'ipvsadm -Sn');

export const record = ({ stdout }: Ended): RunRecord => JSON.parse(stdout) as RunRecord;

/** What did not go well, one line each. */
export const outcomes = ({ verdicts }: RunRecord) =>
  verdicts
    .filter(({ outcome }) => !['pass', 'not-applicable'].includes(outcome))
    .map(({ check, subject, outcome, reason }) => ({ check, host: subject.host, outcome, reason }));
