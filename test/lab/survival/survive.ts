/**
 * `npm run survive -- [--seed N] [--count N] [--labs N] [--only ID,...]`: tries everything on real labs and prints the
 * table of docs/safety.md. The exit code is 1 when a promise was broken.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Campaign, table, type Tried } from './campaign.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    count: { type: 'string', default: '20' },
    labs: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
// The runs stay there: what broke is looked for in them.
const out = mkdtempSync(join(tmpdir(), 'ipvet-survive-'));
process.stderr.write(`seed ${values.seed}, runs in ${out}\n`);
const startedAtMs = performance.now();
const campaign = await Campaign.begin({
  seed: Number(values.seed),
  kills: Number(values.count),
  labs: Number(values.labs),
  only: values.only.split(',').filter((word) => word !== ''),
  out,
  onProgress: (text) => process.stderr.write(`${text}\n`),
});
try {
  await campaign.run();
} finally {
  await campaign.end();
}
const tried: Tried[] = [];
for (const strike of campaign.strikes) {
  const outcome = await campaign.outcomeOf(strike.id)?.catch((error: unknown) => ({
    ...{ moment: '', ending: '', left: [], broken: [String(error)] },
  }));
  if (outcome !== undefined) tried.push({ strike, outcome });
}
process.stdout.write(`${table(tried)}\nSeed ${values.seed}, ${tried.length} strikes on ${values.labs} labs, `);
process.stdout.write(`${Math.round((performance.now() - startedAtMs) / 1000)} s.\n`);
process.exitCode = tried.some(({ outcome: { left, broken } }) => left.length + broken.length > 0) ? 1 : 0;
