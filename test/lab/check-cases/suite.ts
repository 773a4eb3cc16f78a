/**
 * Every check on real hosts: all pass on a healthy cluster of a topology, and each says what is wrong once its host was
 * broken by hand. The rules are in place and kept, as on a cluster in service.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { labUp, onHost, outcomes, record, run, skipWithoutLab } from '../product.ts';
import type { CheckCase } from './case.ts';
import { cases } from './index.ts';

export function describeChecks(topology: CheckCase['topology']): void {
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

    /** Of these checks, or of all. */
    const check = (ids: readonly string[] = []) =>
      run(['check', 'all', ...new Set(ids), '-i', clusterFile, '-o', out, '--json', '--timeout', '60s']);

    const healthy = async (): Promise<void> => {
      const ended = await check();
      expect(ended.code, ended.stderr).to.be.oneOf([0, 1, 3]);
      expect(outcomes(record(ended)).map((one) => JSON.stringify(one))).to.deep.equal([]);
      expect(ended.code, ended.stderr).to.equal(0);
    };

    /** Host by host, each in one session; what could not be done is told once all were tried. */
    const everywhere = async (
      those: readonly CheckCase[],
      lines: (one: CheckCase) => string,
    ): Promise<readonly string[]> => {
      const hosts = [...new Set(those.map(({ on, host }) => on ?? host))];
      const done = hosts.map(async (host) => {
        const script = those
          .filter((one) => (one.on ?? one.host) === host)
          .map(lines)
          .join('\n');
        return onHost(lab, `root@${host}`, script).then(
          () => [],
          (error: unknown) => [`${host}: ${String(error)}`],
        );
      });
      return (await Promise.all(done)).flat();
    };

    const own = cases.filter((one) => one.topology === topology);
    const batches = [...new Set(own.map(({ batch = 0 }) => batch))].toSorted((a, b) => a - b);

    it('pass while all is well', healthy);

    for (const batch of batches) {
      const together = own.filter((one) => (one.batch ?? 0) === batch);
      it(`fail as they should: ${together.map(named).join(', ')}`, async () => {
        const problems: string[] = [];
        try {
          problems.push(...(await everywhere(together, ({ apply }) => `set -e\n${apply}`)));
          const ended = await check(together.map((one) => one.check));
          expect(ended.code, ended.stderr).to.be.oneOf([0, 1, 3]);
          problems.push(...together.flatMap((one) => unmet(one, record(ended).verdicts)));
        } finally {
          problems.push(...(await everywhere(together.toReversed(), ({ revert }) => revert)));
        }
        expect(problems).to.deep.equal([]);
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
