/** Warm `ipvet lab up`, `lab down` and set-up with nothing missing, as whole commands, five rounds. Needs root on Linux. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchResult, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = 5;
const name = 'bench';

async function seconds(command: string, ...args: string[]): Promise<number> {
  const startedAt = performance.now();
  await run(command, args, { cwd: root });
  return (performance.now() - startedAt) / 1000;
}

export async function labBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const runs = { setup: [] as number[], up: [] as number[], down: [] as number[] };
  // The first of all pays for the lab root and tsx's cache.
  await run('sh', ['bin/setup'], { cwd: root });
  await run(process.execPath, ['bin/ipvet', 'lab', 'up', '--name', name], { cwd: root });
  try {
    await run(process.execPath, ['bin/ipvet', 'lab', 'down', '--name', name], { cwd: root });
    for (let round = 0; round < rounds; round++) {
      runs.setup.push(await seconds('sh', 'bin/setup'));
      runs.up.push(await seconds(process.execPath, 'bin/ipvet', 'lab', 'up', '--name', name));
      runs.down.push(await seconds(process.execPath, 'bin/ipvet', 'lab', 'down', '--name', name));
    }
  } finally {
    await run(process.execPath, ['bin/ipvet', 'lab', 'down', '--name', name], { cwd: root });
  }
  const up = rowOf('lab up: client, director, 3 real servers', 'ours', 's', runs.up);
  return {
    name: 'lab',
    machine,
    rows: [up, rowOf('lab down', 'ours', 's', runs.down), rowOf('set-up, nothing missing', 'ours', 's', runs.setup)],
    ratios: up.median === null ? {} : { seconds: Math.round(up.median * 100) / 100 },
  };
}
