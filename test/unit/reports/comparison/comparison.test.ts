import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { baselineOf } from '../../../../lib/comparison/baseline.ts';
import { compare, usualTolerance } from '../../../../lib/comparison/compare.ts';
import type { Comparison } from '../../../../lib/model/comparison.ts';
import { comparisonFormats } from '../../../../reports/index.ts';
import { caseNamed, caseNames } from '../../../golden/cases.ts';

const between = (before: string, after: string): Comparison =>
  compare(baselineOf(caseNamed(before)), baselineOf(caseNamed(after)), { tolerance: usualTolerance, failOn: 'fail' });
const rendered = (name: string, comparison: Comparison): string =>
  comparisonFormats[name]?.(comparison, { color: false, width: 200 }) ?? '';

function validator(schema: string) {
  const file = new URL(`../../../../schema/${schema}.schema.json`, import.meta.url);
  return new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(readFileSync(file, 'utf8')) as object);
}

describe('a comparison as text, Markdown and JSON', () => {
  it('begins with what is worse, and ends with the outcome', () => {
    const lines = rendered('text', between('healthy', 'nat-rs-gateway')).trimEnd().split('\n');
    const order = ['New causes: 1', 'Newly failing: 4', 'New warnings: 1', 'Figures of the load'];
    expect(lines.filter((line) => order.includes(line))).to.deep.equal(order);
    expect(lines.at(-1)).to.equal('WORSE (exit code 1)');
    expect(lines).to.include(
      '  real-server/reply-route@rs2/web  rs2 sends replies for 192.168.122.1 to 10.10.10.254, not to the director (10.10.10.1) (before: passed)',
    );
  });

  it('tells figures with their interval, and why one could not be told', () => {
    const comparison = {
      ...between('healthy', 'healthy'),
      figures: [
        {
          ...{ service: 'web', profile: 'smoke', metric: 'connect.p99', unit: 'ms', before: 2, after: 3 },
          ...{ change: 0.5, interval: [0.31, 0.74], outcome: 'worse' },
        },
        {
          ...{ service: 'web', profile: 'smoke', metric: 'errors.rate', unit: 'fraction', before: 0, after: 0.0033 },
          ...{ change: 0.0033, interval: [-0.0012, 0.02], outcome: 'could-not-tell', reason: 'too few' },
        },
      ],
    } as const satisfies Comparison;
    expect(rendered('text', comparison)).to.contain(
      '  connect.p99 of web (smoke)  2.00 ms → 3.00 ms  +50.0 % (+31.0 % to +74.0 %)  WORSE\n' +
        '  errors.rate of web (smoke)  0.00 % → 0.33 %  +0.33 points (−0.12 to +2.00)  could not tell\n' +
        '      too few\n',
    );
    expect(rendered('markdown', comparison)).to.contain(
      '| `connect.p99 of web (smoke)` | 2.00 ms → 3.00 ms | +50.0 % (+31.0 % to +74.0 %) | WORSE |',
    );
  });

  for (const name of caseNames) {
    it(`is as its schema says, and so is the baseline: ${name}`, () => {
      const [diff, baseline] = [validator('diff'), validator('baseline')];
      expect(diff(JSON.parse(rendered('json', between('healthy', name)))), JSON.stringify(diff.errors)).to.equal(true);
      expect(baseline(baselineOf(caseNamed(name))), JSON.stringify(baseline.errors)).to.equal(true);
    });
  }

  it('has a schema that refuses what is none', () => {
    expect(validator('diff')({ ...between('healthy', 'healthy'), outcome: 'green' })).to.equal(false);
    expect(validator('baseline')({ ...baselineOf(caseNamed('healthy')), format: 'ipvet-baseline/2' })).to.equal(false);
  });

  it('obeys nothing of a hostile run', () => {
    const hostile = compare(baselineOf(caseNamed('hostile')), baselineOf(caseNamed('nat-rs-gateway')), {
      tolerance: usualTolerance,
      failOn: 'fail',
    });
    for (const name of Object.keys(comparisonFormats))
      expect(rendered(name, hostile).replaceAll('\n', ''), name).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const outside = rendered('markdown', hostile).replaceAll(/`[^`\n]*`/g, '');
    expect(outside).to.not.match(/(?<!\\)[[\]]|<(?!\/?code>)|:\/\//);
  });
});
