/** Bad input on the command line: exit code 2 or 5, one sentence, what to do next, and no host touched. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const example = join(root, 'docs/examples/nat.yaml');

describe('cli', function () {
  this.timeout(30_000);
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-cli-'));
    writeFileSync(join(directory, 'udp.yaml'), readFileSync(example, 'utf8').replace('protocol: tcp', 'protocol: udp'));
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const ipvet = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/ipvet'), ...args], {
      cwd: directory,
      encoding: 'utf8',
      timeout: 25_000,
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('IPVET_'))),
    });
    return { status, stdout, stderr };
  };

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['an unknown command', ['acept'], 2, /accept/],
    ['an unknown option', ['check', '--fast'], 2, /--fast/],
    ['a cluster file that is not there', ['check', '-i', 'nowhere.yaml'], 2, /nowhere\.yaml/],
    ['an unknown check, with what was meant', ['check', '-i', example, 'director/vp'], 2, /director\/vip/],
    ['an unknown host in --limit', ['check', '-i', example, '-l', 'rs99'], 2, /rs99/],
    ['an unknown report format', ['check', '-i', example, '--format', 'htm'], 2, /html/],
    ['an unknown tier', ['accept', '-i', example, '--allow', 'everything'], 2, /traffic, change, disrupt/],
    ['a time that is none', ['check', '-i', example, '--timeout', 'soon'], 2, /30s/],
    ['load of 0 requests', ['load', '-i', example, '--allow', 'traffic', '-n', '0'], 2, /-n 0/],
    ['more at a time than in all', ['load', '-i', example, '--allow', 'traffic', '-n', '5', '-c', '10'], 2, /-c 10/],
    ['an unknown load profile', ['load', '-i', example, '--allow', 'traffic', 'smok'], 2, /smoke/],
    ['load on services that are not TCP', ['load', '-i', 'udp.yaml', '--allow', 'traffic'], 2, /web is udp/],
    ['load without consent', ['load', '-i', example], 5, /--allow traffic/],
    ['to explain a client that is no address', ['explain', '-i', example, 'www', '192.0.2.1:80'], 2, /CIP\[:PORT\]/],
    ['to explain a service without its port', ['explain', '-i', example, '192.0.2.9', '192.0.2.1'], 2, /VIP:PORT/],
    ['to explain across families', ['explain', '-i', example, 'fd00::1', '192.0.2.1:80'], 2, /address families/],
    ['to explain a port that is none', ['explain', '-i', example, '[fd00::1]:65536', '[fd00::2]:80'], 2, /65535/],
    [
      'to ask a host that is no director',
      ['explain', '-i', example, '-l', 'rs1', '192.0.2.9', '192.0.2.1:80'],
      2,
      /director/,
    ],
    ['a dry run of what has none', ['lab', 'up', '--dry-run'], 2, /lab up has no dry run/],
    ['another one', ['hosts', '-i', example, '--dry-run'], 2, /hosts has no dry run/],
    ['two documents on one standard output', ['check', '-i', example, '--json', '--events', '-'], 2, /--events -/],
    ['nobody at a time', ['check', '-i', example, '--parallel', '0'], 2, /whole number/],
    ['acceptance without consent', ['accept', '-i', example], 5, /--allow traffic/],
    ['a folder for runs that cannot be made', ['check', '-i', example, '-o', '/dev/null/runs'], 2, /--out/],
  ];
  for (const [name, args, code, says] of refusals) {
    it(`refuses ${name}: ${code}`, async () => {
      const { status, stdout, stderr } = ipvet(...args);
      expect({ status, stdout }).to.deep.equal({ status: code, stdout: '' });
      expect(stderr).to.match(says);
      expect(stderr).to.not.match(/\n\s+at .*:\d+:\d+/);
      expect(await readdir(directory)).to.not.include('runs');
    });
  }

  it('refuses a broken cluster file with line, column and caret', () => {
    const file = join(directory, 'broken.yaml');
    writeFileSync(file, 'version: 1\nname: web\nenvironment: labb\n');
    const { status, stderr } = ipvet('accept', '-i', file);
    expect(status).to.equal(2);
    expect(stderr).to.include(`${file}:3:14`).and.to.match(/\^/);
    expect(stderr).to.include('lab');
  });

  it('shows help and version on stdout', () => {
    expect(ipvet('--version').stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(ipvet('--help')).to.include({ status: 0, stderr: '' });
    expect(ipvet('accept', '--help').status).to.equal(0);
  });
});
