/** `npm run bench -- NAME [--json]`: what the product costs, beside what a user would take instead. */
import { parseArgs } from 'node:util';
import { type BenchResult, benchTable } from './result.ts';

const benches: Readonly<Record<string, (hosts: number | undefined) => Promise<BenchResult>>> = {
  load: async () => (await import('./load.ts')).loadBench(),
  fanout: async (hosts) => (await import('./fanout.ts')).fanoutBench(hosts),
  sampler: async () => (await import('./sampler.ts')).samplerBench(),
  report: async () => (await import('./report.ts')).reportBench(),
  diagnose: async () => (await import('./diagnose.ts')).diagnoseBench(),
  lab: async () => (await import('./lab.ts')).labBench(),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, hosts: { type: 'string' } },
});
const [name = ''] = positionals;
const bench = benches[name];
if (bench === undefined || positionals.length > 1) {
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(benches).join('|')} [--json]; fanout: [--hosts 20|100]\n`,
  );
  process.exitCode = 2;
} else {
  const result = await bench(values.hosts === undefined ? undefined : Number(values.hosts));
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : `${benchTable(result)}\n`);
}
