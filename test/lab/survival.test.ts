/**
 * Whatever happens to a run, its machine, the network or the hosts: everything is as it was found within 30 s, or the run
 * says what is not. On real labs, several at the same time; SURVIVAL_SEED repeats a campaign.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { skipWithoutLab } from './product.ts';
import { Campaign, planned, summary } from './survival/campaign.ts';

const KILLS = 20;
const LABS = 3;
const seed = Number(process.env['SURVIVAL_SEED'] ?? Date.now() % 100_000);

describe('what a run leaves behind', function () {
  this.timeout(900_000);
  let out = '';
  let campaign: Campaign | undefined;
  let all: Promise<void> | undefined;

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-survival-'));
    const only = process.env['SURVIVAL_ONLY']?.split(',') ?? [];
    campaign = await Campaign.begin({ seed, kills: KILLS, labs: LABS, out, only });
    all = campaign.run();
    process.stdout.write(`  seed ${seed}\n`);
  });

  after(async () => {
    await all;
    await campaign?.end();
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  it('is nothing when nobody disturbs it', () => {
    const names = campaign?.stages.map(({ name }) => name);
    expect(names).to.include.members(['facts', 'lock', 'rules', 'load web', 'restore']);
  });

  for (const { id, title } of planned(KILLS)) {
    it(`is nothing after: ${title} [${id}]`, async function () {
      const outcome = await campaign?.outcomeOf(id);
      if (outcome === undefined) {
        this.skip();
        return;
      }
      process.stdout.write(`    ${summary(outcome)}\n`);
      expect([...outcome.left, ...outcome.broken]).to.deep.equal([]);
      expect(outcome.equalAfterMs).to.be.a('number');
    });
  }
});
