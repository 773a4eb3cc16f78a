/** From a run to its bundle, and from there to verdicts again. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { unpack } from '../../../lib/bundle/archive.ts';
import { bundleOf, crashBundle } from '../../../lib/bundle/make.ts';
import { openBundle } from '../../../lib/bundle/open.ts';
import type { Redaction } from '../../../lib/bundle/disguise.ts';
import { IpvetError } from '../../../lib/errors.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { analyse, type StoredRun } from '../../../lib/run/analysis.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { aRun, type MadeRun } from './a-run.ts';

const version = '0.0.1';

describe('a bundle of a run', function () {
  this.timeout(120_000);
  let folder = '';
  let run: MadeRun;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'ipvet-bundle-'));
    run = await aRun(folder);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function bundled(redact: readonly Redaction[] = []): Promise<StoredRun> {
    const file = join(folder, 'case.tar.gz');
    writeFileSync(file, bundleOf(run.directory, { version, redact }).content);
    return (await openBundle(file)).stored;
  }

  const judgedBy = (stored: StoredRun, by = version) =>
    analyse(stored, { version: by, outDirectory: join(folder, 'again'), pairsOf });

  it('is judged as the run was, by the same version', async () => {
    const { record, directory } = await judgedBy(await bundled());
    expect(answers(record)).to.deep.equal(answers(run.record));
    expect(new Set(record.verdicts.map(({ outcome }) => outcome))).to.include.members(['pass', 'fail', 'error']);
    expect(record).to.include({ exitCode: run.record.exitCode, verdict: run.record.verdict, command: 'analyze' });
    expect(record.analysis).to.deep.include({ changed: [], causesGone: [], causesNew: [] });
    expect(record.analysis?.run).to.include({ id: run.record.id, exitCode: run.record.exitCode });
    expect(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(record)),
    );
  });

  it('holds what directors were asked for it, redacted as the rest, and says where', async () => {
    const asked = [
      {
        host: 'director1',
        name: 'keepalived-journal',
        command: 'journalctl -u keepalived',
        text: 'director1 Keepalived_vrrp: auth_pass s3cret99\nlink/ether 52:54:00:12:34:56\n',
      },
      { host: 'director1', name: 'rates', command: 'ipvsadm -Ln --rate', text: 'Prot LocalAddress:Port CPS\n' },
    ];
    const { content } = bundleOf(run.directory, { version, redact: ['names'], asked });
    const files = await unpack(content, 'asked.tar.gz');
    const named = (end: string) => [...files].find(([name]) => name.endsWith(end))?.[1].toString('utf8') ?? '';
    expect(named('/ask-rates.txt')).to.equal('$ ipvsadm -Ln --rate\nProt LocalAddress:Port CPS\n');
    expect(named('/ask-keepalived-journal.txt'))
      .to.match(/^\$ journalctl -u keepalived\n/)
      .and.not.match(/s3cret99|52:54:00:12:34:56|director1/);
    expect(named('REPORT.md')).to.match(/\| rates \| `hosts\/[^`]+\/ask-rates\.txt` \| {2}\|/);
    expect(named('REPORT.md')).to.match(/\| keepalived version \| not held \| `keepalived -v` \|/);
  });

  it('is judged so under other names and addresses too', async () => {
    const { record } = await judgedBy(await bundled(['names', 'addresses']));
    const outcomes = ({ verdicts }: RunRecord) => verdicts.map(({ check, outcome }) => [check, outcome]);
    expect(outcomes(record)).to.deep.equal(outcomes(run.record));
    expect(JSON.stringify(record)).not.to.match(
      /(?<![\w-])(?:director1|rs1|rs2|client1|web-lvs|www\.example\.com)(?![\w-])/,
    );
  });

  it('can be bundled and judged once more', async () => {
    const first = await judgedBy(await bundled());
    const again = bundleOf(first.directory, { version, redact: [] });
    const file = join(folder, 'twice.tar.gz');
    writeFileSync(file, again.content);
    const { record } = await judgedBy((await openBundle(file)).stored);
    expect(answers(record)).to.deep.equal(answers(run.record));
  });

  it('is the same bytes each time, and keeps what became of what to its owner', () => {
    const make = () => bundleOf(run.directory, { version, redact: ['names', 'addresses'] });
    const { content, files } = make();
    expect(make().content.equals(content)).to.equal(true);
    expect(files).to.include.members(['manifest.json', 'REPORT.md', 'run.json', 'events.ndjson', 'raw.ndjson']);
    expect(files).not.to.include('pseudonyms.json');
    expect(statSync(join(run.directory, 'pseudonyms.json')).mode & 0o777).to.equal(0o600);
    expect(statSync(join(run.directory, 'raw.ndjson')).mode & 0o777).to.equal(0o600);
  });

  it('makes an error, and nothing green, of a fact that was not kept or was asked for in other words', async () => {
    const stored = await bundled();
    const without = stored.raw.filter((line) => line.type !== 'answers' || line.answers.host !== 'rs1');
    const { record } = await judgedBy({ ...stored, raw: without });
    const ofHost = record.verdicts.filter(
      ({ subject, outcome }) => subject.host === 'rs1' && outcome !== 'not-applicable',
    );
    expect(ofHost.length).to.be.greaterThan(10);
    expect(new Set(ofHost.map(({ outcome }) => outcome))).to.deep.equal(new Set(['error']));
    const [changed] = record.analysis?.changed ?? [];
    expect(changed?.why).to.include('not in what was kept');

    const other = stored.raw.map((line) =>
      line.type === 'asked'
        ? { ...line, wordings: { ...line.wordings, director: { ...line.wordings.director, sysctl: 'other' } } }
        : line,
    );
    const second = await judgedBy({ ...stored, raw: other });
    const forward = second.record.verdicts.find(({ check }) => check === 'director/ip-forward');
    expect(forward).to.include({ outcome: 'error' });
    expect(forward?.reason).to.include('asked for it in other words');
  });

  it('says that a check whose code is gone was not run', async () => {
    const stored = await bundled();
    const { record } = await analyse(stored, {
      version: '9.0.0',
      outDirectory: join(folder, 'again'),
      pairsOf: (cluster) => pairsOf(cluster).filter(({ check }) => check.id !== 'network/hostname'),
    });
    const gone = record.verdicts.filter(({ check }) => check === 'network/hostname');
    expect(gone.map(({ outcome }) => outcome)).to.deep.equal(['not-run', 'not-run', 'not-run', 'not-run']);
    expect(record.analysis?.changed.filter(({ check }) => check === 'network/hostname')).to.have.length(4);
    expect(record.verdict).not.to.equal('pass');
  });

  it('keeps a run that did not end from passing', async () => {
    const stored = await bundled();
    const events = stored.events.filter(({ type }) => type !== 'run-ended');
    const { record } = await judgedBy({ ...stored, events });
    expect(record).to.include({ interrupted: 'internal-error', exitCode: 70 });
  });

  it('refuses what it cannot judge by', async () => {
    const stored = await bundled();
    const [asked, ...rest] = stored.raw;
    const newer = [{ ...asked, format: 'ipvet-raw/9' } as never, ...rest];
    for (const [raw, told, code] of [
      [[], /no raw facts/, 'CONFIG'],
      [newer, /ipvet-raw\/9.*reads ipvet-raw\/1/, 'CONFIG'],
      [[asked, { type: 'answers', stage: 'pre', answers: { host: 'rs1' } } as never], /cannot be judged/, 'BUNDLE'],
    ] as const) {
      const error = await judgedBy({ ...stored, raw: raw as StoredRun['raw'] }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(IpvetError).that.includes({ code });
      expect((error as IpvetError).message).to.match(told);
      expect((error as IpvetError).hint).to.be.a('string');
    }
  });

  it('of an error before a run says that there is none', async () => {
    const content = crashBundle('TypeError: auth_pass Hunter2Hunter2', { version, machine: 'Node 20' });
    const report = (await unpack(content, 'crash')).get('REPORT.md')?.toString('utf8');
    expect(report).to.include('TypeError').and.not.include('Hunter2');
    const file = join(folder, 'crash.tar.gz');
    writeFileSync(file, content);
    const error = await openBundle(file).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(IpvetError).that.includes({ code: 'BUNDLE' });
    expect((error as IpvetError).message).to.include('holds no run');
  });
});

/** All but how long it took, and what was replaced in any case. */
function answers({ verdicts }: RunRecord): unknown {
  return verdicts.map(({ check, subject, outcome, faults, severity }) => ({
    check,
    subject,
    outcome,
    faults,
    severity,
  }));
}
