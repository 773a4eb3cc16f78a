/**
 * Every check on real hosts: all pass on a healthy cluster of each topology, and each says what is wrong once its host
 * was broken by hand. The rules are in place and kept, as on a cluster in service.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Verdict } from '../../lib/model/verdict.ts';
import { cases } from './check-cases/index.ts';
import type { CheckCase } from './check-cases/case.ts';
import { labUp, onHost, outcomes, record, run, skipWithoutLab } from './product.ts';

const topologies = [...new Set(cases.map(({ topology }) => topology))];

for (const topology of topologies) {
  describe(`checks on real hosts: ${topology}`, function () {
    this.timeout(300_000);
    const lab = `checks-${topology}`;
    let clusterFile = '';
    let out = '';

    before(async function () {
      skipWithoutLab(this);
      out = mkdtempSync(join(tmpdir(), 'ipvet-checks-'));
      clusterFile = await labUp(lab, '--topology', topology);
      for (const command of ['apply', 'save']) {
        const ended = await run(['rules', command, '-i', clusterFile, '-o', out, '--yes']);
        expect(ended.code, ended.stderr).to.equal(0);
      }
    });

    after(async () => {
      await run(['lab', 'down', '--name', lab]);
      if (out !== '') rmSync(out, { recursive: true, force: true });
    });

    const check = async (): Promise<readonly Verdict[]> => {
      const ended = await run(['check', 'all', '-i', clusterFile, '-o', out, '--json', '--timeout', '60s']);
      expect([0, 1, 3], ended.stderr).to.include(ended.code);
      return record(ended).verdicts;
    };

    const healthy = async (): Promise<void> => {
      const ended = await run(['check', 'all', '-i', clusterFile, '-o', out, '--json', '--timeout', '60s']);
      expect(outcomes(record(ended))).to.deep.equal([]);
      expect(ended.code).to.equal(0);
    };

    const own = cases.filter((one) => one.topology === topology);
    const batches = [...new Set(own.map(({ batch = 0 }) => batch))].toSorted((a, b) => a - b);

    it('pass while all is well', healthy);

    for (const batch of batches) {
      const together = own.filter((one) => (one.batch ?? 0) === batch);
      it(`fail as they should: ${together.map(named).join(', ')}`, async () => {
        const applied: CheckCase[] = [];
        try {
          for (const one of together) {
            applied.unshift(one);
            await onHost(lab, `root@${one.on ?? one.host}`, `set -e\n${one.apply}`);
          }
          const verdicts = await check();
          expect(together.flatMap((one) => unmet(one, verdicts))).to.deep.equal([]);
        } finally {
          for (const one of applied) await onHost(lab, `root@${one.on ?? one.host}`, one.revert);
        }
      });
    }

    it('pass again once all was put back', healthy);
  });
}

function named({ check, host }: CheckCase): string {
  return `${check}@${host}`;
}

/** What the case expects and no verdict says, in words. */
function unmet(one: CheckCase, verdicts: readonly Verdict[]): readonly string[] {
  const candidates = verdicts.filter(
    ({ check, subject }) =>
      check === one.check &&
      subject.host === one.host &&
      (one.service === undefined || subject.service === one.service),
  );
  if (candidates.length === 0) return [`${named(one)}: there is no such verdict`];
  if (candidates.some(({ outcome, reason = '' }) => outcome === one.outcome && one.reason.test(reason))) return [];
  const said = candidates.map(({ outcome, reason = '' }) => `${outcome}: ${reason}`).join('; ');
  return [`${named(one)}: wanted ${one.outcome} ${one.reason.toString()}, and it says ${said}`];
}
