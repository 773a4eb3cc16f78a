/**
 * Records as earlier versions wrote them: `formats/<format>-<which>/run.json`, never written again. `ipvet-run-1-first` is of
 * the first version that wrote any: no `ends`, `guards`, places in the cluster file, percentiles besides three, faults of a verdict.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { baselineOf } from '../../lib/comparison/baseline.ts';
import { compare, usualTolerance } from '../../lib/comparison/compare.ts';
import type { RunEvent } from '../../lib/run/events.ts';
import { formats, readRun } from '../../reports/index.ts';
import { caseNamed } from './cases.ts';

const folder = join(import.meta.dirname, 'formats');

describe('records of earlier versions', () => {
  for (const name of readdirSync(folder)) {
    it(`${name} is read, and every format tells its verdict and its cause`, async () => {
      const record = await readRun(join(folder, name, 'run.json'));
      expect(record).to.not.have.any.keys('ends', 'guards');
      for (const { name: format, render } of formats) {
        const text = render(record);
        expect(text, format).to.contain('nat-rs-gateway-not-director');
        expect(text, format).to.match(/FAIL|"fail"/);
        expect(text.replace(/<script>[^]*?<\/script>/g, ''), format).to.not.match(/\bundefined\b|\bNaN\b/);
      }
    });

    it(`${name} is compared with a run of today`, async () => {
      const before = baselineOf(await readRun(join(folder, name, 'run.json')));
      const { exitCode, diagnoses } = compare(before, baselineOf(caseNamed('nat-rs-gateway')), {
        tolerance: usualTolerance,
        failOn: 'fail',
      });
      expect(diagnoses.map(({ change }) => change)).to.deep.equal(['still']);
      expect(exitCode).to.equal(0);
    });
  }
});

describe('the schema of events', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(new URL('../../schema/event.schema.json', import.meta.url), 'utf8')) as object,
  );
  const at = '2026-11-22T20:01:02.000Z';

  it('takes what a run tells', () => {
    const { cluster, verdicts, load, samples, distribution, diagnoses, hosts } = caseNamed('nat-rs-gateway');
    const events: RunEvent[] = [
      { at, type: 'run-started', id: 'one', command: 'accept', version: '0.1.0', cluster },
      { at, type: 'planned', verdicts },
      ...hosts.map((contact): RunEvent => ({ at, type: 'host-contacted', contact })),
      ...verdicts.map((verdict): RunEvent => ({ at, type: 'verdict', verdict })),
      ...load.map((result): RunEvent => ({ at, type: 'load', result })),
      ...Object.values(samples).map((sampling): RunEvent => ({ at, type: 'sampling', sampling })),
      ...distribution.map((one): RunEvent => ({ at, type: 'distribution', distribution: one })),
      ...diagnoses.map((diagnosis): RunEvent => ({ at, type: 'diagnosis', diagnosis })),
      { at, type: 'interrupted', by: 'signal', signal: 'SIGINT' },
      { at, type: 'run-ended' },
    ];
    for (const event of events) expect(validate(event), JSON.stringify(validate.errors)).to.equal(true);
  });

  it('refuses what no run tells', () => {
    expect(validate({ at, type: 'finished' })).to.equal(false);
    expect(validate({ type: 'run-ended' })).to.equal(false);
    expect(validate({ at, type: 'verdict' })).to.equal(false);
  });
});
