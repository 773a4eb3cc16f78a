import { expect } from 'chai';
import { SaxesParser } from 'saxes';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { renderJunit } from '../../../reports/junit.ts';
import { caseNames, caseNamed } from '../../golden/cases.ts';
import { drills, failoverRun } from '../../golden/drills.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** saxes is strict: it refuses what is not well formed and characters that XML 1.0 does not allow. */
function parsed(record: RunRecord): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(renderJunit(record)).close();
  const [suites] = root.children;
  if (suites?.name !== 'testsuites') throw new RangeError('the document is not a testsuites');
  return suites;
}

const child = (element: Element | undefined, name: string) => element?.children.find((one) => one.name === name);
const casesIn = (suite: Element) => suite.children.filter(({ name }) => name === 'testcase');
const casesOf = (record: RunRecord) => parsed(record).children.flatMap(casesIn);

describe('JUnit', () => {
  for (const name of caseNames) {
    it(`counts what it holds: ${name}`, () => {
      const { children: suites, attributes: totals } = parsed(caseNamed(name));
      for (const suite of suites) {
        const tally = (kind: string) => String(casesIn(suite).filter((one) => child(one, kind) !== undefined).length);
        const { tests, failures, errors, skipped, time } = suite.attributes;
        expect({ tests, failures, errors, skipped }).to.deep.equal({
          tests: String(casesIn(suite).length),
          failures: tally('failure'),
          errors: tally('error'),
          skipped: tally('skipped'),
        });
        expect(time).to.match(/^\d+\.\d{3}$/);
      }
      for (const key of ['tests', 'failures', 'errors']) {
        const sum = suites.reduce((total, suite) => total + Number(suite.attributes[key]), 0);
        expect(totals[key], key).to.equal(String(sum));
      }
    });
  }

  it('has a test case for each verdict, besides the two of the run', () => {
    const record = caseNamed('nat-rs-gateway');
    expect(casesOf(record)).to.have.length(record.verdicts.length + 2);
  });

  it('tells a failure from what could not be judged', () => {
    const failed = casesOf(caseNamed('nat-rs-gateway')).find(
      ({ attributes }) => attributes['classname'] === 'director/ip-forward',
    );
    expect(child(failed, 'failure')?.attributes['message']).to.contain('will not after a reboot');
    expect(child(failed, 'error')).to.equal(undefined);
    const unknown = casesOf(caseNamed('unreachable')).flatMap((one) => child(one, 'error') ?? []);
    expect(unknown).to.have.length(9);
    expect(unknown[0]?.attributes['message']).to.equal('rs3 (10.10.10.30:22) did not answer within 5 s');
  });

  it('skips with the reason what does not apply and what is waived', () => {
    const skipped = casesOf(caseNamed('nat-rs-gateway')).flatMap((one) => child(one, 'skipped') ?? []);
    expect(skipped.map(({ attributes }) => attributes['message'])).to.include.members([
      'rs1 has no SELinux',
      'client1 calls itself build7 (waived: shared CI machine)',
    ]);
  });

  it('puts a diagnosis beside the failures it accounts for', () => {
    const told = parsed(caseNamed('nat-rs-gateway')).children.filter((suite) =>
      child(suite, 'system-out')?.text.includes('DIAGNOSIS nat-rs-gateway-not-director'),
    );
    expect(told.map(({ attributes }) => attributes['name'])).to.deep.equal(['run', 'pre', 'traffic']);
  });

  it('is never green when the run is not', () => {
    for (const record of [
      caseNamed('interrupted'),
      caseNamed('empty'),
      { ...caseNamed('healthy'), restored: false },
      { ...caseNamed('healthy'), verdict: 'fail' as const },
      { ...caseNamed('healthy'), problems: [{ code: 'LOAD', message: 'no port was left' }] },
    ]) {
      const { failures, errors } = parsed(record).attributes;
      expect(Number(failures) + Number(errors)).to.be.above(0);
    }
    const { failures, errors } = parsed(caseNamed('healthy')).attributes;
    expect([failures, errors]).to.deep.equal(['0', '0']);
  });

  it('spells out what a terminal would obey, and takes out what XML 1.0 does not allow', () => {
    const record = { ...caseNamed('healthy'), command: 'a\u0000b\u0008c\ud800d\uffffe\u{1F642}"\n' };
    expect(renderJunit(record)).to.contain(
      'name="ipvet a^@b^Hc<U+D800>d\uFFFDe🙂&quot;&#10; web-lvs"'.replace('<', '&lt;').replace('>', '&gt;'),
    );
    expect(() => parsed(caseNamed('hostile'))).to.not.throw();
  });

  it('has a case for each drill: failed, without a verdict, and as predicted or not', () => {
    const [first, ...others] = drills();
    if (first === undefined) throw new RangeError('there are drills');
    const suites = parsed(failoverRun([{ ...first, outcome: 'inconclusive', reason: 'not stable again' }, ...others]));
    const suite = suites.children.find(({ attributes }) => attributes['name'] === 'failover');
    expect(suite?.attributes).to.include({ tests: '6', failures: '1', errors: '1', skipped: '0' });
    const cases = suite === undefined ? [] : casesIn(suite);
    const named = (name: string) => cases.find(({ attributes }) => attributes['classname'] === `failover/${name}`);
    expect(child(named('stop-keepalived'), 'error')?.attributes['message']).to.equal('not stable again');
    expect(child(named('vrrp-partition'), 'failure')?.attributes['message']).to.match(/no other director took the VIP/);
    expect(child(named('real-server-down'), 'system-out')?.text)
      .to.match(/^WARNING: the service was gone for 12440 ms/)
      .and.to.contain('outage 12.4 s, predicted 5.00 s to 7.50 s; noticed after 5.60 s');
    expect(child(named('kill-keepalived'), 'system-out')?.text).to.match(/^outage 0 ms/);
    expect(named('kill-keepalived')?.attributes['time']).to.equal('11.400');
  });
});
