import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixCommand } from '../../../cli/fix.ts';
import { planText, returnText } from '../../../cli/fix-text.ts';
import { IpvetError } from '../../../lib/errors.ts';
import type { FixDocument } from '../../../lib/fixes/document.ts';
import { readRecord, toTakeBack, writeRecord } from '../../../lib/fixes/record-file.ts';
import { natText } from '../config/cluster-text.ts';
import { printed } from './printed.ts';

const aDocument = (change: Partial<FixDocument> = {}): FixDocument => ({
  format: 'ipvet-fix/1',
  id: 'fix-20261123T030000Z-abcd',
  cluster: { name: 'web-lvs', environment: 'preprod' },
  run: { id: '20261123T030000Z-abcd', judgedAt: '2026-11-23T03:00:00.000Z', ageS: 7300 },
  undecided: [{ check: 'director/vip', host: 'director1', reason: 'not asked' }],
  left: [
    {
      finding: {
        check: 'real-server/web-service',
        host: 'rs3',
        service: 'web',
        outcome: 'fail',
        reason: 'nobody listens',
      },
      why: 'there is no remedy',
    },
  ],
  fixes: [
    {
      number: 1,
      host: 'director1',
      state: 'kept',
      summary: 'Turn forwarding on',
      findings: [
        {
          check: 'director/ip-forward',
          host: 'director1',
          outcome: 'fail',
          reason: 'it is off',
          found: '0',
          expected: '1',
        },
      ],
      commands: ['sysctl -w net.ipv4.ip_forward=1'],
      persistent: ['echo kept'],
      undo: ['sysctl -w net.ipv4.ip_forward=0'],
    },
  ],
  ...change,
});

describe('ipvet fix', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-fix-cli-'));
    writeFileSync(join(folder, 'cluster.yaml'), natText);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...words: string[]) =>
    printed(fixCommand(), ['-i', join(folder, 'cluster.yaml'), '-o', join(folder, 'runs'), '--no-input', ...words]);
  const refused = async (...words: string[]): Promise<IpvetError> => {
    const error: unknown = await run('fix', ...words).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(IpvetError);
    return error as IpvetError;
  };

  it('apply needs consent before any host is asked', async () => {
    const error = await refused('apply');
    expect(error.code).to.equal('REFUSED');
    expect(error.message).to.match(/^fix apply changes hosts as root of web-lvs \(preprod\), which was not allowed/);
  });

  for (const [word, said] of [
    ['director/ip-forwad', /there is no check director\/ip-forwad/],
    ['director/ip-forward@lb9', /names no host of/],
    ['director@director1@rs1', /names no host of/],
    ['traffic', /is judged under load/],
  ] as const)
    it(`knows no finding ${word}`, async () => {
      const error = await refused('plan', word);
      expect(error.code).to.equal('USAGE');
      expect(error.message).to.match(said);
    });

  it('plan tells found, expected, both kinds of commands, undo, what is not done, and how old it is', () => {
    expect(planText(aDocument())).to
      .equal(`fix-20261123T030000Z-abcd: 1 fix on 1 host for 1 finding of run 20261123T030000Z-abcd, judged 2 hours ago

director1
  1. Turn forwarding on
     director/ip-forward@director1 (fail): it is off
       found     "0"
       expected  "1"
     now:
       sysctl -w net.ipv4.ip_forward=1
     after a reboot too:
       echo kept
     undo:
       sysctl -w net.ipv4.ip_forward=0

not done by ipvet
  real-server/web-service@rs3/web (fail): nobody listens
     there is no remedy

could not be judged, so what is wrong there is not in the plan
  not asked
     director/vip@director1
`);
  });

  it('plan tells a reason once, however many checks it left open', () => {
    const undecided = ['a/b', 'c/d', 'e/f', 'g/h', 'i/j', 'k/l'].map((check) => ({
      check,
      host: 'rs3',
      reason: 'no answer',
    }));
    expect(planText(aDocument({ undecided }))).to.match(/\n {2}no answer\n {5}a\/b@rs3, .*, g\/h@rs3 and 2 more\n$/);
  });

  it('undo finds the newest fix of the cluster that is in place, and shows what would be done', async () => {
    const runs = join(folder, 'runs');
    await writeRecord(join(runs, 'fix-20261123T030000Z-abcd'), aDocument());
    const later = aDocument({ id: 'fix-20261123T040000Z-abcd' });
    await writeRecord(join(runs, later.id), {
      ...later,
      fixes: later.fixes.map((fix) => ({ ...fix, state: 'taken-back' })),
    });
    await writeRecord(
      join(runs, 'fix-20261123T050000Z-abcd'),
      aDocument({ cluster: { name: 'other', environment: 'lab' } }),
    );
    const { document } = await readRecord(runs, 'latest', 'web-lvs');
    expect(document.id).to.equal('fix-20261123T030000Z-abcd');
    expect(returnText(document, toTakeBack(document))).to.contain('       sysctl -w net.ipv4.ip_forward=0\n');
    const text = await run('fix', 'undo', '--dry-run');
    expect(text).to.contain('director1: director/ip-forward@director1').and.contain('dry run: nothing was changed');
    expect((await refused('undo', 'fix-20261123T050000Z-abcd', '--yes')).message).to.contain('is a fix of other');
  });

  it('undo refuses what is no record of a fix', async () => {
    expect((await refused('undo', '--yes')).code).to.equal('CONFIG');
    const runs = join(folder, 'runs', 'fix-1');
    mkdirSync(runs, { recursive: true });
    for (const text of ['{', '{"format":"ipvet-fix/1"}', JSON.stringify({ ...aDocument(), id: '../../etc' })]) {
      writeFileSync(join(runs, 'fix.json'), text);
      const error = await refused('undo', 'fix-1', '--yes');
      expect(error.code).to.equal('CONFIG');
      expect(error.message).to.contain('is not the record of a fix');
    }
  });
});
