/**
 * `npm run matrix -- [--json] [--topology T]... [--fault ID]... [--default-hosts | --other-hosts] [--labs N] [--keep DIR]
 * [--results FILE] [--write]`: every
 * fault of the lab in each topology on each host, and healthy clusters (`--fault healthy`), each by `ipvet diagnose` on a real
 * lab. Prints a table, the totals and what was missed; a line for each case goes to stderr as it ends. `--write` makes
 * docs/diagnosis-matrix.md of it. `--results` keeps a line for each case, and does not try again what has one. The exit code is 1 when something was missed, believed wrongly or not tried.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { faults } from '../../lab/faults/index.ts';
import { casesOf } from './cases.ts';
import { runMatrix } from './matrix.ts';
import { lineOf, pageOf, type Result, summaryOf, tableOf, totalsOf } from './results.ts';
import { storedResults, storeResult } from './store.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    topology: { type: 'string', multiple: true, default: [] },
    fault: { type: 'string', multiple: true, default: [] },
    'default-hosts': { type: 'boolean', default: false },
    'other-hosts': { type: 'boolean', default: false },
    labs: { type: 'string', default: '2' },
    keep: { type: 'string' },
    results: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const on = (['default-hosts', 'other-hosts'] as const).find((name) => values[name]);
const cases = casesOf(faults, {
  topologies: values.topology,
  faults: values.fault,
  ...(on === undefined ? {} : { on }),
});
const { results: store } = values;
const stored = store === undefined ? [] : storedResults(store, cases);
const known = new Set(stored.map(({ of }) => of));
const untried = cases.filter((one) => !known.has(one));
const abort = new AbortController();
// The cases under way end, and their labs are taken down.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    abort.abort();
  });
}

const out = mkdtempSync(join(tmpdir(), 'ipvet-matrix-'));
const startedAtMs = performance.now();
let done = 0;
let tried: readonly Result[];
try {
  tried = await runMatrix({
    cases: untried,
    labs: Number(values.labs),
    out,
    keep: values.keep,
    signal: abort.signal,
    onResult: (result) => {
      process.stderr.write(`${++done}/${untried.length} ${lineOf(result)}\n`);
      if (store !== undefined) storeResult(store, result);
    },
  });
} finally {
  rmSync(out, { recursive: true, force: true });
}
const results = cases.flatMap((one) => [...stored, ...tried].find(({ of }) => of === one) ?? []);
const summary = summaryOf(results);
const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(0);
process.stderr.write(`${totalsOf(summary)}; ${minutes} minutes\n`);
process.stdout.write(
  values.json
    ? `${JSON.stringify(summary, null, 2)}\n`
    : [
        tableOf(results),
        ...results.filter((one) => 'broken' in one || !one.score.right || one.score.falseAlarm).map(lineOf),
        '',
        totalsOf(summary),
        '',
      ].join('\n'),
);
if (values.write) {
  const flags = [
    ...values.topology.map((name) => `--topology ${name}`),
    ...values.fault.map((id) => `--fault ${id}`),
    ...(on === undefined ? [] : [`--${on}`]),
  ];
  const command = ['npm run matrix', ...(flags.length === 0 ? [] : ['--', ...flags])].join(' ');
  writeFileSync(new URL('../../docs/diagnosis-matrix.md', import.meta.url), pageOf(results, command));
}
process.exitCode = summary.misses.length + summary.broken.length > 0 || results.length < cases.length ? 1 : 0;
