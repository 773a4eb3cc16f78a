import { appendFile, lchown, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { IpvetError } from '../../../lib/errors.ts';
import type { RawFact } from '../../../lib/facts/reading.ts';
import { redactor } from '../../../lib/redaction.ts';
import { Journal, readJournal } from '../../../lib/run/journal.ts';

describe('run/journal', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ipvet-journal-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('has each line in the file before append returns', async () => {
    const journal = new Journal(join(directory, 'run'));
    journal.append({ type: 'stage-started', name: 'facts' });
    const lines = (await readFile(journal.file, 'utf8')).trimEnd().split('\n');
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0] ?? '')).to.include({ type: 'stage-started', name: 'facts' });
    journal.close();
  });

  it('is readable by its owner alone', async () => {
    const journal = new Journal(join(directory, 'run'));
    expect((await stat(journal.file)).mode & 0o777).to.equal(0o600);
    expect((await stat(journal.directory)).mode & 0o777).to.equal(0o700);
    journal.close();
  });

  it("is its owner's alone whatever the umask, and so is the folder", async () => {
    const before = process.umask(0);
    try {
      const journal = new Journal(join(directory, 'deep', 'runs', 'run'));
      expect((await stat(journal.file)).mode & 0o777).to.equal(0o600);
      expect((await stat(journal.directory)).mode & 0o777).to.equal(0o700);
      expect((await stat(join(directory, 'deep', 'runs'))).mode & 0o022).to.equal(0);
      journal.close();
    } finally {
      process.umask(before);
    }
  });

  it("refuses a folder for runs that is a link somebody else laid, and takes one of the operator's own", async function () {
    if (process.getuid?.() !== 0) this.skip();
    await mkdir(join(directory, 'elsewhere'));
    const runs = join(directory, 'runs');
    await symlink(join(directory, 'elsewhere'), runs);
    new Journal(join(runs, 'mine')).close();
    await lchown(runs, 65_534, 65_534);
    expect(() => new Journal(join(runs, 'theirs')))
      .to.throw(IpvetError, /symbolic link that belongs to user 65534/)
      .that.includes({ code: 'STORAGE' });
  });

  it('holds no secret: not in the file, not in memory, not for listeners', async () => {
    const secret = 'Hunter2Hunter2';
    redactor.learn(`${secret}Learnt`);
    const raw: RawFact = {
      fact: 'os',
      command: `curl http://ops:${secret}@10.0.0.1/`,
      stdout: `auth_pass ${secret}\n`,
      stderr: `the passphrase is ${secret}Learnt`,
      exitCode: 0,
      durationMs: 1,
    };
    const journal = new Journal(join(directory, 'run'));
    const heard: unknown[] = [];
    journal.onEvent((event) => heard.push(event));
    journal.append({ type: 'facts-collected', host: 'director1', stage: 'pre', durationMs: 1, raw: [raw] });
    journal.append({
      type: 'problem',
      problem: { code: 'LOAD', message: `Authorization: Basic ${secret}`, hint: '\u009b5m\u202e' },
    });
    journal.close();
    const stored = await readFile(journal.file, 'utf8');
    expect(stored + JSON.stringify(heard) + JSON.stringify(journal.events)).to.not.include(secret);
    expect(stored)
      .to.include('[redacted]')
      .and.not.match(/[\u007f-\u009f\u202e]/);
    expect(readJournal(journal.file)).to.deep.equal(journal.events);
  });

  it('tells progress to listeners and keeps it out of the file', async () => {
    const journal = new Journal(join(directory, 'run'));
    const heard: string[] = [];
    journal.onEvent(({ type }) => heard.push(type));
    journal.append({ type: 'load-progress', service: 'web', sent: 1, answered: 1, failed: 0, requested: 2 });
    expect(heard).to.deep.equal(['load-progress']);
    expect(await readFile(journal.file, 'utf8')).to.equal('');
    journal.close();
  });

  it('refuses a folder that cannot be made, with what to do', () => {
    expect(() => new Journal('/dev/null/run'))
      .to.throw(IpvetError, /\/dev\/null\/run\/events\.ndjson/)
      .that.includes({ code: 'STORAGE' });
  });

  it('remembers a full disk and goes on in memory', () => {
    // /dev/full answers every write with ENOSPC, as a full disk does (full(4)).
    const full = new Journal(join(directory, 'full'), '/dev/full');
    full.append({ type: 'stage-started', name: 'facts' });
    full.append({ type: 'stage-ended', name: 'facts', durationMs: 1 });
    expect(full.failure).to.include({ code: 'STORAGE' });
    expect(full.failure?.hint).to.match(/free space/);
    expect(full.events).to.have.length(2);
    full.close();
  });

  it('reads a journal whose last line was cut off by a crash', async () => {
    const journal = new Journal(join(directory, 'run'));
    journal.append({ type: 'stage-started', name: 'facts' });
    journal.close();
    await appendFile(journal.file, '{"type":"stage-en');
    expect(readJournal(journal.file).map(({ type }) => type)).to.deep.equal(['stage-started']);
  });

  it('says which line is no journal line', async () => {
    const file = join(directory, 'events.ndjson');
    await appendFile(file, '{"type":"stage-started","name":"x","at":""}\nnonsense\n');
    expect(() => readJournal(file)).to.throw(IpvetError, /events\.ndjson:2/);
  });
});
