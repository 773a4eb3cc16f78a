/**
 * Twenty hosts at once: `ssh host true` twenty times in parallel is the floor; ours connects to all of them and brings
 * every fact home. Hosts and runner share this machine's cores. In turns, each run on fresh connections.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folderIn, SshdHosts } from './fanout-hosts.ts';
import { askAll, type Question } from './fanout-run.ts';
import { type BenchResult, ratioOf, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const hostCount = 20;
const rounds = 5;
const unit = 's';

export async function fanoutBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const hosts = await SshdHosts.start(hostCount);
  try {
    const program = await compile(hosts.dir);
    const fresh = (question: Question) => () =>
      timed(() => ended(process.execPath, [program, hosts.configFile, String(hostCount), question]));
    const inProcess = (question: Question) => async () =>
      (await askAll(hosts.configFile, hosts.names, question)).totalMs / 1000;
    const floor =
      (options: readonly string[] = []) =>
      () =>
        timed(() =>
          Promise.all(hosts.names.map((name) => ended('ssh', ['-F', hosts.configFile, ...options, name, 'true']))),
        );

    const measures = [
      { what: `${hostCount} x ssh host true`, who: 'floor', measure: floor() },
      // ssh2 has no post-quantum key exchange, OpenSSH takes one by default: this is what that costs.
      {
        what: 'the same, with the key exchange we use',
        who: 'floor curve25519',
        measure: floor(['-o', 'KexAlgorithms=curve25519-sha256']),
      },
      { what: 'connect, all facts, node started for it', who: 'ours', measure: fresh('facts') },
      { what: 'connect, all facts, in a running node', who: 'ours in process', measure: inProcess('facts') },
      { what: 'connect, true, node started for it', who: 'ours true', measure: fresh('true') },
      { what: 'connect, true, in a running node', who: 'ours true in process', measure: inProcess('true') },
    ];
    const runs = measures.map((): number[] => []);
    // The first turn warms the file cache and is not counted.
    for (let round = -1; round < rounds; round++)
      for (const [index, { measure }] of measures.entries()) {
        const seconds = await measure();
        if (round >= 0) runs[index]?.push(seconds);
      }
    const rows = measures.map(({ what, who }, index) => rowOf(what, who, unit, runs[index] ?? []));
    const [floorRow, ...ourRows] = rows;
    const ratios: Record<string, number> = {};
    for (const row of ourRows) {
      const ratio = ratioOf(row, floorRow);
      if (ratio !== undefined) ratios[`${row.who}/floor`] = ratio;
    }
    return { name: 'fanout', machine, rows, ratios };
  } finally {
    await hosts.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) / 1000;
}

async function ended(file: string, argv: readonly string[]): Promise<void> {
  const child = spawn(file, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`${file} ${argv.join(' ')} ended with exit code ${exitCode ?? 'none'}`);
}

/** The run as JavaScript, as the packed product is: compiling on the fly is a cost of this checkout only. */
async function compile(dir: string): Promise<string> {
  const outDir = folderIn(dir, 'program');
  const project = path.join(outDir, 'tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.build.json'),
      compilerOptions: { rootDir: root, outDir, typeRoots: [path.join(root, 'node_modules/@types')], types: ['node'] },
      include: [],
      files: [path.join(root, 'bench/fanout-run.ts')],
    }),
  );
  writeFileSync(path.join(outDir, 'package.json'), '{ "type": "module" }');
  symlinkSync(path.join(root, 'node_modules'), path.join(outDir, 'node_modules'));
  await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', project]);
  return path.join(outDir, 'bench/fanout-run.js');
}
