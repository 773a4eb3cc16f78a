import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import type { Check } from '../../../lib/model/check.ts';
import { loadSuites } from '../../../lib/run/suites.ts';
import { judge } from '../../judgement.ts';

describe('suites from a folder', function () {
  this.timeout(30_000);
  let directory = '';
  let number = 0;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ipvet-suites-'));
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** A folder of its own: one that was loaded is not read again. */
  const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const folder = join(directory, String(++number));
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  };
  const refusal = async (folder: string): Promise<IpvetError> => {
    try {
      await loadSuites(folder);
    } catch (error) {
      if (error instanceof IpvetError) return error;
      throw error;
    }
    throw new Error(`loaded ${folder}`);
  };

  const plain = (change = '', id = 'one') => `export default { id: '${id}', title: 'A', failureTitle: 'B', sees: [],
    severity: 'mandatory', stage: 'pre', scope: 'host', requires: ['os'],
    doc: { why: 'so', byHand: [], references: [] }, evaluate: () => ({ outcome: 'pass', found: 1, evidence: [] }), ${change} };`;

  it('the example of docs/custom-checks.md loads, and judges as it says', async () => {
    const page = await readFile(new URL('../../../docs/custom-checks.md', import.meta.url), 'utf8');
    const [, example = ''] = /```ts\n([^]*?)```/.exec(page) ?? [];
    const [check] = await loadSuites(await folderWith({ 'release.ts': example }));
    if (check === undefined) throw new Error('no check');
    expect(check).to.include({ id: 'suite/release', severity: 'recommended', stage: 'pre' });
    expect(judge(check).outcome).to.equal('pass');
    const other = judge(check, {
      facts: { director1: { os: { id: 'x', prettyName: 'Plan 9', kernel: '1' } } },
    });
    expect(other).to.include({ outcome: 'fail', reason: 'director1 runs Plan 9' });
  });

  it('files load in the order of their names, lists of checks too; others are left alone', async () => {
    const list = `${plain('', 'z').replace('export default', 'const a =')} export default [a, { ...a, id: 'suite/y' }];`;
    const folder = await folderWith({ 'b.js': plain(), 'a.mjs': list, 'c.txt': '!', 'd.d.ts': '!' });
    const ids = (checks: readonly Check[]) => checks.map(({ id }) => id);
    expect(ids(await loadSuites(folder))).to.deep.equal(['suite/z', 'suite/y', 'suite/one']);
  });

  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['a file that does not parse', { 'a.ts': 'export default {' }, /a\.ts: it cannot be loaded/],
    ['a file that throws', { 'a.js': 'throw new Error("no")' }, /a\.js: it cannot be loaded: no/],
    ['a file without a default', { 'a.mjs': 'export const x = 1;' }, /a\.mjs: check 1 has no usable id/],
    ['no check at all', { 'a.mjs': 'export default [];' }, /it exports no check/],
    ['something else', { 'a.mjs': 'export default 7;' }, /check 1 is no check/],
    ['no id', { 'a.mjs': plain("id: 'A B'") }, /no usable id/],
    ['no title', { 'a.mjs': plain("title: ''") }, /one has no title/],
    ['no evaluate', { 'a.mjs': plain('evaluate: 1') }, /no function evaluate/],
    ['an unknown severity', { 'a.mjs': plain("severity: 'high'") }, /no severity/],
    ['the stage under load', { 'a.mjs': plain("stage: 'traffic'") }, /no stage/],
    ['an unknown scope', { 'a.mjs': plain("scope: 'cluster'") }, /no scope/],
    ['an unknown fact', { 'a.mjs': plain("requires: ['weather']") }, /requires weather/],
    ['facts that are no list', { 'a.mjs': plain("requires: 'os'") }, /no list requires/],
    ['no doc', { 'a.mjs': plain('doc: undefined') }, /no doc\.why/],
    ['a command without words', { 'a.mjs': plain('command: { argv: [] }') }, /a command without argv/],
    ['two of one id', { 'a.mjs': plain(), 'b.mjs': plain() }, /b\.mjs: suite\/one is a check of .*a\.mjs already/],
    ['no files', { 'a.txt': '' }, /has 0 files of checks/],
  ];
  for (const [what, files, says] of wrong)
    it(`refuses ${what}, with the name of the file`, async () => {
      const error = await refusal(await folderWith(files));
      expect(error.code).to.equal('CONFIG');
      expect(error.message).to.match(says);
      expect(error.hint).to.be.a('string');
    });

  it('refuses a folder that is not there, or is a file', async () => {
    expect((await refusal(join(directory, 'nowhere'))).message).to.match(/no such folder/);
    await writeFile(join(directory, 'file'), '');
    expect((await refusal(join(directory, 'file'))).message).to.match(/cannot be read as a folder/);
  });

  it('refuses code that somebody else can write, before it is run', async () => {
    const folder = await folderWith({ 'a.mjs': 'globalThis.ranForeignCode = true;' });
    await chmod(folder, 0o777);
    expect((await refusal(folder)).message).to.match(/everybody may write there/);
    const file = await folderWith({ 'a.mjs': 'globalThis.ranForeignCode = true;' });
    await chmod(join(file, 'a.mjs'), 0o666);
    expect((await refusal(file)).message).to.match(/a\.mjs: everybody may write/);
    expect(globalThis).to.not.have.property('ranForeignCode');
  });

  it('refuses code that belongs to somebody else', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const folder = await folderWith({ 'a.mjs': 'globalThis.ranForeignCode = true;' });
    await chown(join(folder, 'a.mjs'), 4242, 4242);
    expect((await refusal(folder)).message).to.match(/belongs to user 4242/);
    expect(globalThis).to.not.have.property('ranForeignCode');
  });
});
