import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { disarmed, disarmStreams, unfinished, writeCommands } from '../../../cli/workflow-commands.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { renderHtml, renderJson } from '../../../reports/index.ts';
import { caseNamed } from '../../golden/cases.ts';

/** As the runner reads what a step prints: lines, `::` after white space, `##[` anywhere. */
const commandsIn = (text: string): readonly string[] =>
  text.split(/\r\n|\r|\n/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['));

const evil = ['::add-mask::a', '  ::stop-commands::x', '##[set-env name=PATH]/tmp', 'so ##[group]x', '\t::error::x'];

describe('what a runner of GitHub Actions would obey', () => {
  it('is seen by this test', () => {
    expect(commandsIn(evil.join('\n'))).to.have.length(evil.length);
  });

  it('is broken where it can be seen, and everything else is as it was', () => {
    expect(disarmed('::add-mask::a\n  ::error::x\r\n##[group]x')).to.equal(
      ': :add-mask::a\n  : :error::x\r\n## [group]x',
    );
    const harmless = 'fe80::1 and ::1 are addresses\n:: \u001b[1m::x\n# [x] ## heading\n';
    expect(disarmed(harmless)).to.equal(harmless.replace('\n:: ', '\n: : '));
  });

  it('is broken however it is cut into pieces', () => {
    const part = fc.constantFrom(':', '::', ' ', '\n', '\r', '#', '##', '[', '##[', '::error::x', 'a', '\t');
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 6 }), (chunks) => {
        let before = '';
        let written = '';
        for (const chunk of chunks.map((parts) => parts.join(''))) {
          written += disarmed(chunk, before);
          before = unfinished(`${before}${chunk}`);
        }
        expect(commandsIn(written)).to.deep.equal([]);
        const without = (text: string) => text.replaceAll(' ', '');
        expect(without(written)).to.equal(without(chunks.flat().join('')));
      }),
    );
  });

  it('is broken on a stream in a step, where our own annotations get through, and nowhere else', () => {
    const made = (env: Readonly<Record<string, string>>): string => {
      const stream = new PassThrough() as unknown as NodeJS.WriteStream;
      disarmStreams(env, [stream]);
      disarmStreams(env, [stream]);
      for (const line of evil) stream.write(`${line}\n`);
      writeCommands(stream, '::notice title=ours::PASS\n');
      return String((stream as unknown as PassThrough).read());
    };
    expect(commandsIn(made({ GITHUB_ACTIONS: 'true' }))).to.deep.equal(['::notice title=ours::PASS']);
    expect(made({})).to.equal(`${evil.join('\n')}\n::notice title=ours::PASS\n`);
  });

  it('is not in JSON, which says the same to a program', () => {
    const record = { ...caseNamed('healthy'), id: evil.join('\n') };
    expect(commandsIn(renderJson(record))).to.deep.equal([]);
    expect((JSON.parse(renderJson(record)) as RunRecord).id).to.equal(evil.join('\n'));
  });

  it('is not in the style and the script of the page, whose hashes the policy has', () => {
    expect(commandsIn(renderHtml(caseNamed('nat-rs-gateway')))).to.deep.equal([]);
  });

  describe('in what ipvet prints of a run', function () {
    this.timeout(30_000);
    let directory: string;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'ipvet-commands-'));
      const record = caseNamed('nat-rs-gateway');
      const quoted = (index: number) => evil[index % evil.length] ?? '';
      const run: RunRecord = {
        ...record,
        id: quoted(0),
        cluster: { ...record.cluster, name: quoted(1) },
        diagnoses: record.diagnoses.map((diagnosis) => ({
          ...diagnosis,
          summary: quoted(0),
          evidence: [{ host: quoted(2), command: quoted(3), output: evil.join('\n'), exitCode: 0 }],
        })),
        problems: [{ code: 'X', message: quoted(0), hint: evil.join('\n') }],
        verdicts: record.verdicts.map((verdict, index) => ({ ...verdict, reason: quoted(index) })),
      };
      mkdirSync(join(directory, 'run'));
      writeFileSync(join(directory, 'run', 'run.json'), JSON.stringify(run));
    });
    after(() => {
      rmSync(directory, { recursive: true, force: true });
    });

    for (const format of ['text', 'markdown', 'junit', 'json', 'html', 'github']) {
      it(`as ${format}`, () => {
        const { stdout, stderr, status } = spawnSync(
          process.execPath,
          ['--import', 'tsx', 'cli/main.ts', 'report', join(directory, 'run'), '-o', '-', '--format', format],
          {
            encoding: 'utf8',
            env: { ...process.env, GITHUB_ACTIONS: 'true' },
            cwd: join(import.meta.dirname, '../../..'),
          },
        );
        expect(status, stderr).to.equal(0);
        const own = /^::(error|warning|notice) title=[^:]*::/;
        const obeyed = commandsIn(`${stdout}\n${stderr}`).filter(
          (line) => format !== 'github' || !own.test(line) || line.includes('##['),
        );
        expect(obeyed).to.deep.equal([]);
        if (format === 'github') expect(stdout).to.match(/^::error /m);
      });
    }
  });
});
