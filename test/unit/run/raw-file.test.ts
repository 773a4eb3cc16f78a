import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { RawFile } from '../../../lib/run/raw-file.ts';
import type { RawLine } from '../../../lib/run/raw-lines.ts';

const options = {
  cluster: { declared: { version: 1, headers: { Authorization: 'Basic Hunter2Hunter2' } } },
  version: '0.0.1',
  failOn: 'warn',
  allow: { traffic: true, change: false },
  stages: ['pre'],
} as const;
const answer = (stdout: string): RawLine => ({
  type: 'command-answer',
  check: 'custom/x',
  host: 'rs1',
  answer: {
    known: true,
    value: { exitCode: 0, stdout, stderr: '', cut: false, evidence: { host: 'rs1', command: 'x', output: '' } },
    evidence: { host: 'rs1', command: 'x', output: '' },
  },
});

describe('the raw facts of a run', () => {
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-raw-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const read = (): readonly Record<string, unknown>[] =>
    readFileSync(join(directory, 'raw.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('begin with what was asked, are their owner’s alone, and hold no secret', () => {
    const file = new RawFile(directory, options);
    file.append(answer('auth_pass Hunter2Hunter2'));
    file.close();
    const [asked, second] = read();
    expect(asked).to.deep.include({ type: 'asked', format: 'ipvet-raw/1', version: '0.0.1', failOn: 'warn' });
    expect(asked?.['selection']).to.deep.equal({ allow: options.allow, stages: ['pre'] });
    expect(second).to.include({ type: 'command-answer', host: 'rs1' });
    expect(readFileSync(join(directory, 'raw.ndjson'), 'utf8')).not.to.include('Hunter2');
    expect(statSync(join(directory, 'raw.ndjson')).mode & 0o777).to.equal(0o600);
  });

  it('name what would have made them too large', () => {
    const file = new RawFile(directory, options, 16_000);
    file.append(answer('x'.repeat(20_000)));
    file.append(answer('short'));
    file.close();
    const lines = read();
    expect(lines.map(({ type }) => type)).to.deep.equal(['asked', 'left-out', 'command-answer']);
    expect(lines[1]).to.include({ what: 'the answer of rs1 to custom/x' });
  });

  it('are no reason to stop where they cannot be written', () => {
    const gone = join(directory, 'gone');
    const file = new RawFile(gone, options);
    mkdirSync(gone);
    expect(() => {
      file.append(answer('x'));
      file.close();
    }).not.to.throw();
  });
});
