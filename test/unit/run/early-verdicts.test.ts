import { expect } from 'chai';

import { type Check, defineCheck, fail, pass } from '../../../lib/model/check.ts';
import { known } from '../../../lib/model/facts.ts';
import { EarlyVerdicts } from '../../../lib/run/early-verdicts.ts';
import { aCluster, hostNamed } from '../../builders.ts';

const cluster = aCluster();
const rs1 = { cluster, host: hostNamed(cluster, 'rs1') };
const rs2 = { cluster, host: hostNamed(cluster, 'rs2') };
const evidence = (host: string) => ({ host, command: 'hostname', output: host });
const reportOf = (host: string) => ({
  host,
  facts: { hostname: known(host, evidence(host)) },
  durationMs: 1,
  raw: [],
});
const check = defineCheck({
  id: 'network/hostname',
  title: 'Host has its name',
  failureTitle: 'Host has another name',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['hostname'],
  doc: { why: 'test', byHand: [], references: [] },
  evaluate: ({ hostname }, { host }) =>
    hostname === 'rs1'
      ? pass(hostname, [])
      : fail({ reason: `${host.name} is wrong`, found: hostname, expected: 'rs1', evidence: [] }),
});

describe('run/early-verdicts', () => {
  it('judges a host as soon as it has answered, and no other', async () => {
    const early = new EarlyVerdicts([{ check: check.id, hosts: ['rs2'], why: 'known' }]);
    early.add(check, rs1);
    early.add(check, rs2);
    expect(early.of(check, rs1)).to.equal(undefined);
    early.take(reportOf('rs1'));
    expect(await early.of(check, { ...rs1 })).to.deep.include({ outcome: 'pass', subject: { host: 'rs1' } });
    expect(early.of(check, rs2)).to.equal(undefined);
    early.take(reportOf('rs2'));
    expect(await early.of(check, rs2)).to.deep.include({ outcome: 'waived', subject: { host: 'rs2' } });
  });

  it('says which fact was not asked for', async () => {
    const early = new EarlyVerdicts([]);
    early.add(check, rs1);
    early.take({ ...reportOf('rs1'), facts: {} });
    expect(await early.of(check, rs1)).to.include({ outcome: 'error', reason: 'hostname of rs1 was not asked for' });
  });

  it('leaves what takes more than the facts of one host to the run', () => {
    const early = new EarlyVerdicts([]);
    const others: readonly Check[] = [
      { ...check, id: 'a/all', requiresOfAll: ['hostname'] },
      { ...check, id: 'a/command', command: { argv: ['true'], timeoutMs: 1000 } },
      { ...check, id: 'a/load', requires: ['load'] },
    ];
    for (const other of others) early.add(other, rs1);
    early.take(reportOf('rs1'));
    expect(others.map((other) => early.of(other, rs1))).to.deep.equal([undefined, undefined, undefined]);
  });
});
