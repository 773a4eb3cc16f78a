/**
 * Writes the published JSON Schemas from the types in lib/model: `npm run generate`. With `--check` writes nothing and
 * exits 1 when a schema is out of date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import prettier from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';

const schemas = [
  {
    file: 'cluster.schema.json',
    path: 'lib/model/cluster-file.ts',
    type: 'ClusterFile',
    title: 'ipvet cluster file',
    additionalProperties: false,
  },
  {
    file: 'run.schema.json',
    path: 'lib/model/run-record.ts',
    type: 'RunRecord',
    title: 'ipvet run record',
    // A reader of today must accept the records of a later version, which adds keys.
    additionalProperties: true,
  },
  {
    file: 'baseline.schema.json',
    path: 'lib/model/comparison.ts',
    type: 'Baseline',
    title: 'ipvet baseline',
    additionalProperties: true,
  },
  {
    file: 'diff.schema.json',
    path: 'lib/model/comparison.ts',
    type: 'Comparison',
    title: 'ipvet comparison of two runs',
    additionalProperties: true,
  },
  {
    file: 'event.schema.json',
    path: 'lib/run/events.ts',
    type: 'RunEvent',
    title: 'ipvet event: one line of events.ndjson',
    additionalProperties: true,
  },
];

const root = new URL('../', import.meta.url).pathname;
const checkOnly = process.argv.includes('--check');

for (const { file, path, type, title, additionalProperties } of schemas) {
  const schema = createGenerator({
    path: root + path,
    tsconfig: `${root}tsconfig.json`,
    type,
    skipTypeCheck: true,
    additionalProperties,
    topRef: false,
  }).createSchema(type);
  const target = `${root}schema/${file}`;
  const options = (await prettier.resolveConfig(target)) ?? {};
  const text = await prettier.format(JSON.stringify({ title, ...schema }), { ...options, parser: 'json' });
  const current = await readFile(target, 'utf8').catch(() => '');
  if (text === current) continue;
  if (checkOnly) {
    process.stderr.write(`schema/${file} is out of date; run: npm run generate\n`);
    process.exitCode = 1;
  } else {
    await writeFile(target, text);
    process.stdout.write(`wrote schema/${file}\n`);
  }
}
