/** What a run left out, and waivers that waived nothing, are told in every format. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { renderHtml } from '../../../reports/html/page.ts';
import { renderJunit } from '../../../reports/junit.ts';
import { renderMarkdown } from '../../../reports/markdown.ts';
import { planNotes, sentence } from '../../../reports/summary.ts';
import { renderText } from '../../../reports/text.ts';

const healthy = JSON.parse(
  readFileSync(new URL('../../golden/runs/healthy/run.json', import.meta.url), 'utf8'),
) as RunRecord;
const record: RunRecord = {
  ...healthy,
  profile: 'strict',
  leftOut: [
    { check: 'director/vip', title: 'Director holds the VIP', severity: 'mandatory', by: 'skip', subjects: 2 },
    { check: 'network/ssh-trust', title: 'ssh', severity: 'recommended', by: 'skip', subjects: 1 },
  ],
  waivers: [
    {
      check: 'director/ipvsadm',
      hosts: ['rs1'],
      why: '</p>nonsense',
      expires: '2027-01-31',
      waived: 0,
      unused: 'no-subject',
    },
    { check: 'director/scheduler', hosts: [], why: 'old', waived: 0, unused: 'no-failure' },
    { check: 'network/hostname', hosts: [], why: 'in use', waived: 1 },
  ],
};

describe('what was left out of a run', () => {
  const skipped = '2 checks skipped by --skip: director/vip (mandatory), network/ssh-trust';

  it('is worded once, with waivers that waived nothing, and the profile', () => {
    expect(planNotes(record)).to.deep.equal([
      { about: 'left out', text: skipped },
      { about: 'profile', text: "the cluster file's profile is strict: recommended checks count as mandatory" },
      {
        about: 'waivers',
        text: 'the waiver of director/ipvsadm on rs1 (</p>nonsense; until 2027-01-31) waived nothing: the check judges nothing there; remove it',
      },
      { about: 'waivers', text: 'the waiver of director/scheduler (old) waived nothing: nothing failed; remove it' },
    ]);
    expect(planNotes(healthy)).to.deep.equal([]);
    const minimal: RunRecord = {
      ...healthy,
      profile: 'minimal',
      leftOut: [{ check: 'a/b', title: 'c', severity: 'recommended', by: 'profile', subjects: 9 }],
    };
    expect(planNotes(minimal)).to.deep.equal([
      { about: 'left out', text: "1 recommended check left out by the cluster file's profile minimal" },
    ]);
  });

  it('is in the sentence of a run that passed', () => {
    expect(sentence(record)).to.match(/passed.*, 2 checks skipped by --skip\.$/);
  });

  it('is in the summary, in Markdown and in HTML', () => {
    expect(renderText(record, { color: false, width: 200 }))
      .to.include(`Left out  ${skipped}`)
      .and.include('Waivers   the waiver');
    expect(renderMarkdown(record)).to.match(/> \*\*left out\*\*: 2 checks skipped by --skip/);
    const html = renderHtml(record);
    expect(html).to.include(skipped).and.not.include('</p>nonsense');
  });

  it('is a skipped case each in JUnit', () => {
    const xml = renderJunit(record);
    expect(xml).to.match(
      /<testcase classname="director\/vip"[^>]*><skipped type="left-out" message="skipped by --skip: mandatory, would have been judged 2 times"\/>/,
    );
    expect(xml).to.include('WAIVERS the waiver of director/scheduler');
    const count = (text: string) => text.match(/<testcase /g)?.length ?? 0;
    expect(count(xml)).to.equal(count(renderJunit(healthy)) + 2);
  });
});
