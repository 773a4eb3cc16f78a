import { expect } from 'chai';
import { baselineOf } from '../../../lib/comparison/baseline.ts';
import { compare, usualTolerance } from '../../../lib/comparison/compare.ts';
import type { Comparison } from '../../../lib/model/comparison.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome } from '../../../lib/model/verdict.ts';
import { caseNamed } from '../../golden/cases.ts';
import { healthy, judged } from '../../golden/records.ts';

function compared(before: RunRecord, after: RunRecord, failOn: 'fail' | 'warn' = 'fail'): Comparison {
  return compare(baselineOf(before), baselineOf(after), { tolerance: usualTolerance, failOn });
}

/** The healthy run with the verdict of one check on rs2 changed. */
function runWith(outcome: Outcome, change: Partial<RunRecord> = {}): RunRecord {
  const record = healthy();
  return {
    ...record,
    id: `20261123T000000Z-${outcome}`,
    startedAt: '2026-11-23T00:00:00.000Z',
    verdicts: judged(record.verdicts, {
      'real-server/reply-route@rs2': { outcome, reason: `reply-route of rs2 is ${outcome}` },
    }),
    ...change,
  };
}

const changeOf = (before: Outcome, after: Outcome) => {
  const { verdicts, exitCode } = compared(runWith(before), runWith(after));
  expect(verdicts).to.have.length.below(2);
  return [verdicts[0]?.change, exitCode];
};

describe('two runs of a cluster', () => {
  it('that found the same have nothing to tell', () => {
    const { outcome, exitCode, because, verdicts, diagnoses, inventory } = compared(healthy(), runWith('pass'));
    expect({ outcome, exitCode, because }).to.deep.equal({ outcome: 'not-worse', exitCode: 0, because: [] });
    expect([...verdicts, ...diagnoses, ...inventory]).to.deep.equal([]);
  });

  const table: readonly (readonly [Outcome, Outcome, string | undefined, number])[] = [
    ['pass', 'fail', 'new-failure', 1],
    ['warn', 'fail', 'new-failure', 1],
    ['error', 'fail', 'new-failure', 1],
    ['waived', 'fail', 'new-failure', 1],
    ['not-applicable', 'fail', 'new-failure', 1],
    ['fail', 'fail', 'still-failing', 0],
    ['fail', 'pass', 'fixed', 0],
    ['waived', 'pass', 'fixed', 0],
    ['fail', 'warn', 'eased', 0],
    ['fail', 'waived', 'newly-waived', 0],
    ['fail', 'not-applicable', 'no-longer-applies', 0],
    ['pass', 'error', 'newly-not-evaluated', 3],
    ['fail', 'not-run', 'newly-not-evaluated', 3],
    ['error', 'not-run', 'still-not-evaluated', 0],
    ['error', 'pass', 'evaluated-again', 0],
    ['pass', 'warn', 'new-warning', 0],
    ['warn', 'pass', 'warning-gone', 0],
    ['warn', 'warn', undefined, 0],
    ['waived', 'waived', undefined, 0],
    ['pass', 'not-applicable', undefined, 0],
  ];
  for (const [before, after, change, exitCode] of table) {
    it(`${before} → ${after}: ${change ?? 'nothing to tell'}, exit code ${exitCode}`, () => {
      expect(changeOf(before, after)).to.deep.equal([change, exitCode]);
    });
  }

  it('with a new warning have exit code 4 where warnings count', () => {
    expect(compared(healthy(), runWith('warn'), 'warn')).to.include({ exitCode: 4, outcome: 'not-worse' });
    expect(compared(runWith('warn'), runWith('warn'), 'warn')).to.include({ exitCode: 0 });
  });

  it('what is worse comes before what could not be told', () => {
    const both = runWith('fail');
    const after = { ...both, verdicts: judged(both.verdicts, { 'network/hostname@rs1': { outcome: 'error' } }) };
    const { exitCode, because } = compared(healthy(), after);
    expect(exitCode).to.equal(1);
    expect(because).to.deep.equal(['1 check fails that did not', '1 check is no longer evaluated']);
  });

  it('a check that was left out, or a command that judges less, leaves what it judged untold', () => {
    const verdicts = healthy().verdicts.filter(({ check }) => check !== 'network/hostname');
    const skipped = runWith('pass', {
      verdicts,
      leftOut: [{ check: 'network/hostname', title: '', severity: 'recommended', by: 'skip', subjects: 5 }],
    });
    const told = compared(healthy(), skipped);
    expect(told).to.include({ exitCode: 3, outcome: 'could-not-tell' });
    expect(told.because).to.deep.equal(['5 checks are no longer judged']);
    expect(told.verdicts[0]).to.include({ change: 'no-longer-judged', reason: 'left out of the later run' });
    const less = compared(healthy(), runWith('pass', { verdicts, command: 'check' }));
    expect(less.verdicts[0]?.reason).to.equal('ipvet check did not set out to judge it');
    expect(less.notes).to.include('not the same command: ipvet accept before, ipvet check now');
  });

  it('a host that left the cluster is a change of the inventory, and none of its checks is missed', () => {
    const record = healthy();
    const after = runWith('pass', {
      cluster: {
        ...record.cluster,
        hosts: record.cluster.hosts.filter(({ name }) => name !== 'rs3'),
        services: record.cluster.services.map((service) => ({
          ...service,
          scheduler: 'wrr',
          realServers: service.realServers.filter(({ name }) => name !== 'rs3'),
        })),
      },
      verdicts: record.verdicts.filter(({ subject }) => subject.host !== 'rs3'),
      hosts: record.hosts
        .filter(({ name }) => name !== 'rs3')
        .map((host) => (host.name === 'rs1' ? { ...host, kernel: '6.12.9' } : host)),
    });
    const { exitCode, verdicts, inventory } = compared(record, after);
    expect(exitCode).to.equal(0);
    expect(verdicts.map(({ reason }) => reason)).to.include('rs3 has left the cluster');
    expect(inventory).to.deep.equal([
      { what: 'host', change: 'removed', name: 'rs3', before: 'real-server 10.10.10.30' },
      { what: 'kernel', change: 'changed', name: 'rs1', before: '6.1.176', after: '6.12.9' },
      { what: 'service', change: 'changed', name: 'web', key: 'scheduler', before: 'rr', after: 'wrr' },
      { what: 'real-server', change: 'removed', name: 'web/rs3', before: '10.10.10.30:80 1' },
    ]);
    expect(compared(after, record).inventory.map(({ change }) => change)).to.include('added');
  });

  it('a host that did not say its kernel has not changed it', () => {
    const silent = runWith('pass', {
      hosts: healthy().hosts.map(({ name, role }) => ({ name, role, reachable: false })),
    });
    expect(compared(healthy(), silent).inventory).to.deep.equal([]);
  });

  it('causes are new, still there, gone, or not looked for', () => {
    const faulty = caseNamed('nat-rs-gateway');
    const causes = (before: RunRecord, after: RunRecord) =>
      compared(before, after).diagnoses.map(({ change, cause }) => `${change} ${cause}`);
    expect(causes(healthy(), faulty)).to.deep.equal(['new nat-rs-gateway-not-director']);
    expect(causes(faulty, healthy())).to.deep.equal(['gone nat-rs-gateway-not-director']);
    expect(causes(faulty, faulty)).to.deep.equal(['still nat-rs-gateway-not-director']);
    const unseen = runWith('error');
    expect(causes(faulty, unseen)).to.deep.equal(['not-looked-for nat-rs-gateway-not-director']);
    expect(causes(faulty, { ...healthy(), interrupted: 'signal' })).to.deep.equal([
      'not-looked-for nat-rs-gateway-not-director',
    ]);
    const likelier = {
      ...faulty,
      diagnoses: faulty.diagnoses.map((one) => ({ ...one, certainty: 'likely' as const })),
    };
    expect(compared(likelier, faulty).diagnoses[0]).to.include({ certainty: 'certain', certaintyBefore: 'likely' });
  });

  it('a cluster that was left changed is worse', () => {
    expect(compared(healthy(), runWith('pass', { restored: false })).because).to.deep.equal([
      'the later run did not leave the cluster as it was found',
    ]);
  });

  it('a later run that died half way decides nothing; an earlier one is noted', () => {
    const half = caseNamed('interrupted');
    const forward = compared(healthy(), half);
    expect(forward).to.include({ outcome: 'could-not-tell', exitCode: 3 });
    expect(forward.because[0]).to.match(/^the later run ended early/);
    expect(compared(half, healthy()).notes.join('\n')).to.match(/the earlier run ended early[^]*left \d+ checks open/);
  });

  it('an empty run is compared for what it is', () => {
    const { exitCode, because } = compared(healthy(), caseNamed('empty'));
    expect(exitCode).to.equal(3);
    expect(because.join('\n')).to.contain('the later run has no load of web (acceptance)');
    expect(compared(caseNamed('empty'), caseNamed('empty')).verdicts).to.deep.equal([]);
  });

  it('notes what was taken the wrong way round, or twice, or of other clusters', () => {
    const late = runWith('pass');
    expect(compared(late, healthy()).notes).to.deep.equal(['the earlier run is the younger one']);
    expect(compared(late, late).notes).to.deep.equal(['both are the same run']);
    const { cluster } = healthy();
    const other = runWith('pass', {
      cluster: {
        ...cluster,
        name: 'mail-lvs',
        hosts: cluster.hosts.map((host) => ({ ...host, name: `m-${host.name}` })),
      },
    });
    expect(compared(healthy(), other).notes).to.deep.equal([
      'not the same cluster: web-lvs before, mail-lvs now',
      'the two runs have no host in common',
    ]);
  });
});
