import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { IpvetError } from '../../../lib/errors.ts';
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
