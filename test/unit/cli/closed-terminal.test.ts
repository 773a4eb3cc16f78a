/** A run whose reader leaves, and what a run leaves on the disk. On this machine alone: only its name is asked for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import type { RunRecord } from '../../../lib/model/run-record.ts';

const ipvet = fileURLToPath(new URL('../../../bin/ipvet', import.meta.url));

const clusterText = `version: 1
name: here
environment: lab
ssh: { become: none }
directors: [{ name: d1, host: localhost, dip: 192.0.2.1, interface: eth0 }]
real_servers: [{ name: r1, host: localhost, rip: 192.0.2.2 }]
virtual_services: [{ name: web, vip: 192.0.2.3, port: 80, forwarding: nat }]
`;

describe('a run', function () {
  this.timeout(60_000);
  let directory: string;
  let cluster: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-closed-'));
    cluster = join(directory, 'cluster.yaml');
    writeFileSync(cluster, clusterText);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const out = (): string => join(directory, 'runs');
  const start = (args: readonly string[], umask = '022') =>
    spawn('/bin/sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, ipvet, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const check = ['check', 'network/hostname', '-v'] as const;
  const stored = (): RunRecord => {
    const [id = ''] = readdirSync(out());
    return JSON.parse(readFileSync(join(out(), id, 'run.json'), 'utf8')) as RunRecord;
  };

  for (const [moment, leave] of [
    ['before the first word', (child: ReturnType<typeof start>) => Promise.resolve(child)],
    ['in the middle', (child: ReturnType<typeof start>) => once(child.stderr, 'data')],
  ] as const) {
    it(`goes on to its end when nobody reads any more, from ${moment} on`, async () => {
      const child = start([...check, '-i', cluster, '-o', out()]);
      const ended = once(child, 'exit');
      await leave(child);
      child.stdout.destroy();
      child.stderr.destroy();
      const [code, signal] = (await ended) as [number | null, string | null];
      expect(signal).to.equal(null);
      const record = stored();
      expect(record.exitCode).to.equal(code);
      expect(record.interrupted).to.equal(undefined);
      expect(record.verdicts).to.have.length(2);
      const [id = ''] = readdirSync(out());
      expect(readdirSync(join(out(), id))).to.include.members(['events.ndjson', 'run.json', 'index.html', 'junit.xml']);
    });
  }

  it('is no success when its result could not be written to a full disk', async () => {
    const child = spawn('/bin/sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, ipvet, 'checks', 'list'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code, said).to.equal(3);
    expect(said).to.include('standard output cannot be written');
  });

  it('leaves files and folders that only their owner reads, whatever the umask', async () => {
    const child = start([...check, '-i', cluster, '-o', out(), '--format', 'html,junit,json,markdown,text'], '000');
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'exit');
    const [id = ''] = readdirSync(out());
    expect(statSync(out()).mode & 0o022).to.equal(0);
    expect(statSync(join(out(), id)).mode & 0o777).to.equal(0o700);
    const names = readdirSync(join(out(), id), { recursive: true, encoding: 'utf8' });
    expect(names).to.include.members([
      'events.ndjson',
      'run.json',
      'index.html',
      'junit.xml',
      'summary.md',
      'summary.txt',
    ]);
    for (const name of names) expect(statSync(join(out(), id, name)).mode & 0o777, name).to.equal(0o600);
  });
});
