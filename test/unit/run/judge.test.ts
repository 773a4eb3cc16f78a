import { expect } from 'chai';

import {
  cannotTell,
  type Check,
  defineCheck,
  fail,
  notApplicable,
  pass,
  type Severity,
} from '../../../lib/model/check.ts';
import type { Waiver } from '../../../lib/model/cluster.ts';
import type { FaultId } from '../../../lib/model/fault-id.ts';
import { type Fact, known, missing } from '../../../lib/model/facts.ts';
import { type FactSource, judge } from '../../../lib/run/judge.ts';
import { aCluster, hostNamed } from '../../builders.ts';

const evidence = { host: 'rs1', command: 'hostname', output: 'rs1' };
const source = (fact: Fact<unknown>): FactSource => ({
  fact: () => Promise.resolve(fact),
  ofEveryone: (names) => Promise.resolve(new Map([['rs1', Object.fromEntries(names.map((name) => [name, fact]))]])),
});
const cluster = aCluster();
const subject = { cluster, host: hostNamed(cluster, 'rs1') };
const doc = { why: 'test', byHand: [], references: [] };

function aCheck(answer: Check['evaluate'], severity: Severity = 'mandatory'): Check {
  return defineCheck({
    id: 'network/hostname',
    title: 'Host has its name',
    failureTitle: 'Host has another name',
    sees: [],
    severity,
    stage: 'pre',
    scope: 'host',
    requires: ['hostname'],
    doc,
    evaluate: answer,
  });
}

const finding = { reason: 'rs1 is called web1', found: 'web1', expected: 'rs1', evidence: [evidence] };
const judged = (check: Check, fact: Fact<unknown> = known('rs1', evidence), waivers: readonly Waiver[] = []) =>
  judge(check, subject, source(fact), waivers);

describe('run/judge', () => {
  it('passes with what was found', async () => {
    const verdict = await judged(aCheck(({ hostname }) => pass(hostname, [evidence])));
    expect(verdict).to.deep.include({
      outcome: 'pass',
      found: 'rs1',
      subject: { host: 'rs1' },
      check: 'network/hostname',
    });
  });

  it('asks for no fact where the check has no business', async () => {
    const check: Check = { ...aCheck(() => pass('', [])), inapplicable: () => 'dns is udp' };
    const asked: string[] = [];
    const fact = (name: string) => {
      asked.push(name);
      return Promise.resolve(known('rs1', evidence));
    };
    const verdict = await judge(check, subject, { ...source(known('rs1', evidence)), fact }, []);
    expect(verdict).to.include({ outcome: 'not-applicable', reason: 'dns is udp' });
    expect(asked).to.deep.equal([]);
  });

  it('does not evaluate without its facts: error, with why and what to do', async () => {
    let evaluated = false;
    const check = aCheck(() => {
      evaluated = true;
      return pass('', []);
    });
    const verdict = await judged(check, missing('unreachable', 'rs1 does not answer', { hint: 'start it' }));
    expect(verdict).to.include({ outcome: 'error', reason: 'rs1 does not answer', hint: 'start it' });
    expect(evaluated).to.equal(false);
  });

  it('records a failure with found, expected and evidence', async () => {
    const verdict = await judged(aCheck(() => fail(finding)));
    expect(verdict).to.deep.include({ outcome: 'fail', ...finding });
  });

  it('names the one fault the check sees, or those the finding names of the several it sees', async () => {
    const faultsOf = async (change: Partial<Check>, faults?: readonly FaultId[]) => {
      const named = faults === undefined ? finding : { ...finding, faults, culprits: ['rs2'] };
      const { faults: told, culprits } = await judged({ ...aCheck(() => fail(named)), ...change });
      return [told, culprits];
    };
    expect(await faultsOf({ sees: ['duplicate-hostname'] })).to.deep.equal([['duplicate-hostname'], undefined]);
    expect(await faultsOf({ sees: ['duplicate-hostname'], stage: 'traffic' })).to.deep.equal([undefined, undefined]);
    const sees = ['duplicate-hostname', 'duplicate-ip'] as const;
    expect(await faultsOf({ sees })).to.deep.equal([undefined, undefined]);
    expect(await faultsOf({ sees }, ['duplicate-ip'])).to.deep.equal([['duplicate-ip'], ['rs2']]);
    expect(await faultsOf({ sees }, [])).to.deep.equal([undefined, undefined]);
    expect(await faultsOf({ sees }, ['clock-skew']), 'not one it sees').to.deep.equal([undefined, undefined]);
  });

  it('records the failure of a recommended check as a warning', async () => {
    expect(await judged(aCheck(() => fail(finding), 'recommended'))).to.include({ outcome: 'warn' });
  });

  it('makes an error of a check that throws, and of a quotation it did not require', async () => {
    const thrown = await judged(
      aCheck(() => {
        throw new TypeError('x is undefined');
      }),
    );
    expect(thrown).to.include({ outcome: 'error' });
    expect(thrown.reason).to.match(/x is undefined/);
    const quoted = await judged(aCheck((_facts, _subject, context) => pass('', [context.evidence('sysctl')])));
    expect(quoted.outcome).to.equal('error');
  });

  it('keeps "cannot tell" and "not applicable" apart', async () => {
    expect(await judged(aCheck(() => cannotTell('two answers', [])))).to.include({
      outcome: 'error',
      reason: 'two answers',
    });
    expect(await judged(aCheck(() => notApplicable('not with DR')))).to.include({ outcome: 'not-applicable' });
  });

  it('waives a failure on the hosts named, with the reason, and nothing else', async () => {
    const waiver = { check: 'network/hostname', hosts: ['rs1'], why: 'renamed next week' };
    const waived = await judged(
      aCheck(() => fail(finding)),
      known('web1', evidence),
      [waiver],
    );
    expect(waived).to.include({ outcome: 'waived' });
    expect(waived.reason).to.match(/renamed next week/);
    const elsewhere = await judged(
      aCheck(() => fail(finding)),
      known('web1', evidence),
      [{ ...waiver, hosts: ['rs2'] }],
    );
    expect(elsewhere).to.include({ outcome: 'fail' });
    const error = await judged(
      aCheck(() => cannotTell('no', [])),
      known('web1', evidence),
      [waiver],
    );
    expect(error).to.include({ outcome: 'error' });
  });
});
