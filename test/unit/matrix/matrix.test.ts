import { expect } from 'chai';

import { faultNamed, faults } from '../../../lab/faults/index.ts';
import type { Diagnosis } from '../../../lib/model/diagnosis.ts';
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { subset } from '../../lab/fault-matrix/subset.ts';
import { casesOf, nameOf, settings } from '../../matrix/cases.ts';
import { healthyVariants } from '../../matrix/healthy.ts';
import { lineOf, pageOf, type Result, summaryOf, tableOf, totalsOf } from '../../matrix/results.ts';
import { type Said, scoreOf, scoreOfHealthy } from '../../matrix/score.ts';

const diagnosis = (cause: string, host: string, certainty: Diagnosis['certainty'] = 'certain'): Diagnosis => ({
  ...{ cause, host, certainty, summary: cause },
  ...{ because: [], evidence: [], ruledOut: [], explains: [] },
});

const verdict = (check: string, host: string, outcome: Outcome, service?: string): Verdict => ({
  ...{ check, title: check, severity: 'mandatory', stage: 'pre', outcome, evidence: [], durationMs: 0 },
  subject: { host, ...(service === undefined ? {} : { service }) },
});

const said = (diagnoses: Said['diagnoses'], verdicts: Said['verdicts'] = [], exitCode = 1): Said => ({
  diagnoses,
  verdicts,
  exitCode,
});

const drop = faultNamed('rs-firewall-drop');
const wanted = drop.expect('rs1', 'nat');
const seen = verdict('real-server/firewall', 'rs1', 'fail', 'web');
const latent = faultNamed('timeouts-too-short').expect('director1', 'nat');

describe('matrix: cases', () => {
  it('are every fault in each of its topologies on each host it can go on, after the healthy clusters', () => {
    const names = casesOf(faults, { topologies: ['nat'] }).map(nameOf);
    expect(names[0]).to.equal('healthy: as made, nat');
    expect(names).to.include.members(['rs1', 'rs2', 'rs3'].map((host) => `rs-firewall-drop on ${host}, nat`));
    expect(names)
      .to.include('director-input-drop/policy on director1, nat')
      .and.not.include('rs-vip-missing on rs2, nat');
    expect(new Set(names).size).to.equal(names.length);
  });

  it('are those of one fault with all its ways, one way, one topology, or the healthy ones', () => {
    const ways = (id: string) => casesOf(faults, { faults: [id], topologies: ['dr'], on: 'default-hosts' }).map(nameOf);
    expect(ways('rs-egress-drop/raw')).to.deep.equal(['rs-egress-drop/raw on rs2, dr']);
    expect(ways('rs-egress-drop')).to.have.length(3);
    expect(ways('healthy').every((name) => name.startsWith('healthy: '))).to.equal(true);
    expect(() => casesOf(faults, { faults: ['rs-egress'] })).to.throw('nothing is selected');
  });

  it('are on the host a fault goes on by itself, and on the others, in two parts', () => {
    const names = (on?: 'default-hosts' | 'other-hosts') => casesOf(faults, on === undefined ? {} : { on }).map(nameOf);
    const [one, other] = [names('default-hosts'), names('other-hosts')];
    expect(one).to.include('rs-host-down on rs2, dr').and.not.include('rs-host-down on rs1, dr');
    expect(other).to.include('rs-host-down on rs1, dr').and.not.include('healthy: as made, nat');
    expect([...one, ...other]).to.have.members(names());
  });

  it('exist in topologies that the matrix knows, and so do the faults of the tests', () => {
    const known = settings.map(({ name }) => name);
    expect(known).to.include.members([...faults, ...healthyVariants].flatMap(({ topologies }) => topologies));
    for (const [topology, ids] of Object.entries(subset))
      for (const id of ids) expect(faultNamed(id).topologies, id).to.include(topology);
  });
});

describe('matrix: score', () => {
  it('is right when the cause comes first, on its host, believed', () => {
    const ok = scoreOf(wanted, said([diagnosis('rs-firewall-drop', 'rs1', 'likely')], [seen]));
    expect(ok).to.deep.equal({
      ...{ right: true, falseAlarm: false, remarks: [] },
      got: 'rs-firewall-drop on rs1 (likely); exit code 1',
    });
  });

  it('is not when another host, another cause or a mere possibility comes first, or nothing', () => {
    const right = (...diagnoses: Diagnosis[]) => scoreOf(wanted, said(diagnoses, [seen])).right;
    expect(right(diagnosis('rs-firewall-drop', 'rs2'))).to.equal(false);
    expect(right(diagnosis('rs-app-hang', 'rs1'), diagnosis('rs-firewall-drop', 'rs1'))).to.equal(false);
    expect(right(diagnosis('rs-firewall-drop', 'rs1', 'possible'))).to.equal(false);
    expect(right()).to.equal(false);
    expect(scoreOf(wanted, said([], [seen])).got).to.equal(
      'nothing named; failed: real-server/firewall@rs1; exit code 1',
    );
  });

  it('wants no name where chance decides whether requests fail, but for the check', () => {
    const right = (verdicts: Said['verdicts'], ...diagnoses: Diagnosis[]) =>
      scoreOf({ ...wanted, unfelt: true }, said(diagnoses, verdicts)).right;
    expect(right([seen])).to.equal(true);
    expect(right([])).to.equal(false);
    const failed: Verdict = { ...verdict('traffic/requests', 'director1', 'fail', 'web'), stage: 'traffic' };
    expect(right([seen, failed]), 'requests failed, and nothing is named').to.equal(false);
    expect(right([seen, failed], diagnosis('rs-firewall-drop', 'rs1'))).to.equal(true);
    expect(right([seen], diagnosis('rs-app-hang', 'rs1'))).to.equal(false);
  });

  it('is a false alarm when something else is believed, and not when it is possible', () => {
    const other = (certainty: Diagnosis['certainty']) =>
      scoreOf(wanted, said([diagnosis('rs-firewall-drop', 'rs1'), diagnosis('rs-app-hang', 'rs2', certainty)], [seen]));
    expect(other('likely')).to.include({ right: true, falseAlarm: true });
    expect(other('possible')).to.include({ right: true, falseAlarm: false });
  });

  it('remarks which verdict or exit code is another', () => {
    const { remarks } = scoreOf(wanted, said([diagnosis('rs-firewall-drop', 'rs1')], [], 3));
    expect(remarks).to.deep.equal(['real-server/firewall on rs1 is no verdict, not fail', 'exit code 3, not 1']);
  });

  it('of a latent fault is right when nothing is believed and its check says it', () => {
    const check = verdict('director/connection-timeouts', 'director1', 'warn');
    expect(scoreOf(latent, said([], [check], 0))).to.include({ right: true, falseAlarm: false });
    expect(scoreOf(latent, said([], [], 0)).right).to.equal(false);
    expect(scoreOf(latent, said([diagnosis('rs-app-hang', 'rs1')], [check]))).to.include({
      ...{ right: false, falseAlarm: true },
    });
  });

  it('of a healthy cluster bears no diagnosis and no failure, and warnings of what was made just now', () => {
    const drift = verdict('network/peer-drift', 'rs2', 'warn');
    expect(scoreOfHealthy(said([], [drift, verdict('network/mtu', 'rs2', 'pass')], 0))).to.include({ right: true });
    expect(scoreOfHealthy(said([], [verdict('network/mtu', 'rs2', 'warn')], 0)).remarks).to.have.length(1);
    expect(scoreOfHealthy(said([diagnosis('rs-app-hang', 'rs1', 'possible')], [], 0)).falseAlarm).to.equal(true);
    expect(scoreOfHealthy(said([], [seen], 1)).falseAlarm).to.equal(true);
  });
});

describe('matrix: results', () => {
  const cases = casesOf([drop, faultNamed('timeouts-too-short')], {
    topologies: ['nat'],
    faults: [drop.id, 'timeouts-too-short'],
  });
  const [one, two, three, four] = cases;
  const healthy = casesOf([], { topologies: ['nat'], faults: ['healthy'] })[0];
  const all = [one, two, three, four, healthy].filter((each) => each !== undefined);
  const score = { right: true, falseAlarm: false, got: 'it', remarks: [] };
  const results: Result[] = all.map((of, index) => ({
    ...{ of, seconds: 20 },
    ...(index === 1
      ? { broken: 'no answer' }
      : { score: index === 2 ? { ...score, right: false, got: 'other' } : score }),
  }));

  it('count what fails, what is latent and what is healthy apart, and never what the lab broke', () => {
    expect(summaryOf(results)).to.deep.equal({
      ...{ cases: 2, named: 1, latent: 1, told: 1, healthy: 1, falseAlarms: 0 },
      misses: [{ fault: 'rs-firewall-drop', topology: 'nat', host: 'rs3', got: 'other' }],
      broken: [{ fault: 'rs-firewall-drop', topology: 'nat', host: 'rs2', got: 'no answer' }],
    });
    expect(totalsOf(summaryOf(results))).to.match(/^1 of 2 named .* 1 healthy, 0 false alarms, 1 not tried/);
  });

  it('are a table of faults by topologies', () => {
    expect(tableOf(results).split('\n')).to.deep.equal([
      ...[
        '| fault | nat |',
        '| --- | --- |',
        '| rs-firewall-drop | 1/2 |',
        '| timeouts-too-short (latent) | 1/1 |',
        '',
      ],
    ]);
  });

  it('are a page with what was missed and the command that made it', () => {
    const page = pageOf(results, 'npm run matrix');
    expect(page).to.include('    npm run matrix\n').and.include('- **rs-firewall-drop** on rs3, nat: other');
    expect(page).to.include('## Not tried\n\n- **rs-firewall-drop** on rs2, nat: no answer');
  });

  it('are a line each', () => {
    expect(results.map(lineOf)).to.deep.equal([
      'right   rs-firewall-drop on rs1, nat: it (20 s)',
      'BROKEN  rs-firewall-drop on rs2, nat: no answer (20 s)',
      'MISSED  rs-firewall-drop on rs3, nat: other (20 s)',
      'right   timeouts-too-short on director1, nat: it (20 s)',
      'right   healthy: as made, nat: it (20 s)',
    ]);
  });
});
