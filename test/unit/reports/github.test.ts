import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { renderGithub } from '../../../reports/github.ts';
import { caseNamed } from '../../golden/cases.ts';
import { drills, failoverRun } from '../../golden/drills.ts';
import { healthy, judged } from '../../golden/records.ts';

/** As a run records it that read deploy/cluster.yaml. */
function placed(record: RunRecord): RunRecord {
  const { hosts, services } = record.cluster;
  return {
    ...record,
    cluster: {
      ...record.cluster,
      file: 'deploy/cluster.yaml',
      hosts: hosts.map((host, index) => ({ ...host, line: 5 + index })),
      services: services.map((service, index) => ({ ...service, line: 30 + index })),
    },
  };
}

const lines = (record: RunRecord) => renderGithub(record).trimEnd().split('\n');

describe('GitHub annotations', () => {
  it('say of a healthy run that it passed, and nothing else', () => {
    expect(lines(placed(healthy()))).to.deep.equal([
      '::notice file=deploy/cluster.yaml,title=ipvet%3A PASS::All 43 checks that apply passed.',
    ]);
  });

  it('point at the line that declares the host, the cause before what it does not explain', () => {
    const all = lines(placed(caseNamed('nat-rs-gateway')));
    expect(all.map((line) => line.split(' ')[0])).to.deep.equal(['::error', '::error', '::warning', '::notice']);
    expect(all[0]).to.match(
      /^::error file=deploy\/cluster\.yaml,line=7,title=nat-rs-gateway-not-director on rs2%2C service web \(certain\)::The gateway of rs2 .*%0Amend on rs2: ip route replace default via 10\.10\.10\.1 dev eth1$/,
    );
    expect(all[1]).to.contain(',line=5,title=director/ip-forward@director1::');
  });

  it('point at the service where no host is concerned', () => {
    const record = placed(healthy());
    const [first, ...others] = record.verdicts;
    if (first === undefined) throw new RangeError('the healthy run has verdicts');
    const failed = { ...first, subject: { service: 'web' }, outcome: 'fail', reason: 'so' } as const;
    expect(lines({ ...record, verdict: 'fail', verdicts: [failed, ...others] })[0]).to.contain(',line=30,');
  });

  it('are of drills too: failed and without a verdict as errors, not as predicted as warnings', () => {
    const [undecided, ...others] = drills();
    if (undecided === undefined) throw new RangeError('there are drills');
    const all = lines(
      placed(failoverRun([{ ...undecided, outcome: 'inconclusive', reason: 'not stable again' }, ...others])),
    );
    expect(all.map((line) => line.split(' ')[0])).to.deep.equal(['::error', '::error', '::warning', '::notice']);
    expect(all[0]).to.match(/line=6,title=failover vrrp-partition%2C low load::no other director took the VIP/);
    expect(all[1]).to.match(/line=5,title=failover stop-keepalived%2C low load::not stable again/);
  });

  it('of a record without places name none', () => {
    expect(lines(caseNamed('nat-rs-gateway'))[0]).to.match(/^::error title=nat-rs-gateway-not-director/);
  });

  it('are errors for what could not be told', () => {
    const all = lines(caseNamed('unreachable'));
    expect(all.filter((line) => line.startsWith('::error'))).to.not.be.empty;
    expect(all.join('\n')).to.contain(
      'title=not evaluated%3A 9 checks::rs3 (10.10.10.30:22) did not answer within 5 s',
    );
  });

  it('are ten of a kind at most, the tenth saying how many more there are', () => {
    const record = healthy();
    const reasons = Object.fromEntries(
      record.verdicts.map(({ check, subject }) => [
        `${check}@${subject.host ?? ''}`,
        { outcome: 'fail', reason: `${check} failed` } as const,
      ]),
    );
    const errors = lines({ ...record, verdict: 'fail', verdicts: judged(record.verdicts, reasons) }).filter((line) =>
      line.startsWith('::error'),
    );
    expect(errors).to.have.length(10);
    expect(errors[9]).to.equal(
      `::error title=and ${record.verdicts.length - 9} more::the report of the run has them all`,
    );
  });

  it('escape what GitHub reads, and stay one command a line', () => {
    const record = placed(healthy());
    const reason = '100 % lost\n::error::not ours\r\n##[error]nor this';
    const [line] = lines({
      ...record,
      cluster: { ...record.cluster, file: 'a,b:c%.yaml' },
      verdict: 'fail',
      verdicts: judged(record.verdicts, { 'network/hostname@rs1': { outcome: 'fail', reason } }),
    });
    expect(line).to.match(/^::error file=a%2Cb%3Ac%25\.yaml,line=6,title=network\/hostname@rs1::100 %25 lost%0A/);
    for (const one of lines(caseNamed('hostile'))) expect(one).to.match(/^::(error|warning|notice) [^\n\r]*::/);
  });
});
