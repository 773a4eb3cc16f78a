/**
 * A dry run is exact: the hosts see a run start the commands that its dry run names, no others, in the same order.
 * With IPVET_EXAMPLES=docs/examples the two are written there, side by side.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import type { RehearsedCommand, RehearsedRootCommand, Rehearsal } from '../../lib/run/rehearsal.ts';
import { quoteArgv } from '../../lib/ssh/quote.ts';
import { labUp, onHost, outcomes, record, rulesOn, run, skipWithoutLab } from './product.ts';
import { installTracer, takeTrace, type Trace } from './tracer.ts';

const lab = 'dry-run-test';
const hosts = ['director1', 'rs1', 'rs2', 'rs3'] as const;

describe('a dry run', function () {
  this.timeout(300_000);
  let clusterFile = '';
  let out = '';

  before(async function () {
    skipWithoutLab(this);
    out = await mkdtemp(join(tmpdir(), 'ipvet-dry-run-'));
    clusterFile = await labUp(lab);
    await Promise.all(hosts.map((host) => installTracer(lab, host)));
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') await rm(out, { recursive: true, force: true });
  });

  const rehearse = async (...args: readonly string[]): Promise<Rehearsal> => {
    const ended = await run([...args, '--dry-run', '--json', '-i', clusterFile, '-o', join(out, 'none')]);
    expect(ended.code, ended.stderr).to.equal(0);
    const document = JSON.parse(ended.stdout) as Rehearsal & { readonly format: string };
    expect(document.format).to.equal('ipvet-dry-run/1');
    expect(document.problems).to.deep.equal([]);
    return document;
  };

  const traces = async (): Promise<ReadonlyMap<string, Trace>> =>
    new Map(await Promise.all(hosts.map(async (host) => [host, await takeTrace(lab, host)] as const)));

  const traced = async (...args: readonly string[]) => {
    // A slow machine must not have a fact asked for twice.
    const ended = await run([...args, '--json', '--timeout', '60', '-i', clusterFile, '-o', out]);
    expect(ended.code, ended.stderr).to.equal(0);
    expect(outcomes(record(ended))).to.deep.equal([]);
    return { seen: await traces(), changes: record(ended).changes };
  };

  it('the tracer sees what runs on a host, and what sudo runs there', async () => {
    await traces();
    await onHost(lab, 'rs1', 'sudo -n ipvsadm -Sn >/dev/null; echo "two words"\n:');
    const { ssh, sudo } = await takeTrace(lab, 'rs1');
    expect(ssh.join()).to.include('echo "two words"\n:');
    expect(sudo.filter((command) => command !== 'list')).to.deep.equal(['ipvsadm -Sn']);
  });

  it('reads the rules of the directors and runs nothing else, anywhere; takes no lock, writes nothing', async () => {
    const before = await rulesOn(lab);
    const { reads } = await rehearse('accept');
    for (const [host, { ssh }] of await traces()) {
      const named = reads.filter((reading) => reading.host === host).map(({ argv }) => quoteArgv(argv));
      expect(ssh, host).to.deep.equal(named);
    }
    expect(reads.map(({ host }) => host)).to.deep.equal(['director1']);
    expect(await rulesOn(lab)).to.equal(before);
    expect(await onHost(lab, 'root@director1', 'ls -d /var/tmp/ipvet* 2>/dev/null || :')).to.equal('');
    expect(await readdir(out)).to.deep.equal([]);
  });

  for (const args of [['check'], ['accept']] as const)
    it(`ipvet ${args.join(' ')} runs what its dry run names, no more and no less`, async () => {
      const rehearsal = await rehearse(...args);
      await traces();
      const { seen, changes } = await traced(...args);
      mustBeEqual(rehearsal, seen);
      expect(inputsOf(rehearsal, 'ipvsadm -R'), 'changes').to.deep.equal(changes.map(({ command }) => command));
      if (args[0] === 'accept') await writeExamples(seen);
    });

  it('ipvet rules apply runs what its dry run names, no more and no less', async () => {
    await traces();
    const rehearsal = await rehearse('rules', 'apply');
    expect((await traces()).get('director1')?.ssh).to.deep.equal(rehearsal.reads.map(({ argv }) => quoteArgv(argv)));
    const ended = await run(['rules', 'apply', '-i', clusterFile, '-o', out]);
    expect(ended.code, ended.stderr).to.equal(0);
    mustBeEqual(rehearsal, await traces());
    expect((await run(['rules', 'rollback', '-i', clusterFile, '-o', out])).code).to.equal(0);
  });

  it('of a command that only reads touches no host at all', async () => {
    await traces();
    for (const args of [['check'], ['check', 'all'], ['load', '-n', '10', '-c', '1'], ['diagnose']]) {
      const { reads } = await rehearse(...args);
      expect(reads, args.join(' ')).to.deep.equal([]);
    }
    for (const [host, { ssh, sudo }] of await traces())
      expect({ ssh, sudo }, host).to.deep.equal({ ssh: [], sudo: [] });
  });

  it('names the load: from where, to where, how much', async () => {
    const { load } = await rehearse('load', '-n', '300', '-c', '20', '-k');
    expect(load).to.have.length(1);
    expect(load[0]).to.include({
      service: 'web',
      client: 'client1',
      source: '192.168.122.1',
      url: 'http://192.168.122.100:80/',
      requests: 300,
      concurrency: 20,
      mode: 'keepalive',
    });
  });

  async function writeExamples(seen: ReadonlyMap<string, Trace>): Promise<void> {
    const folder = process.env['IPVET_EXAMPLES'];
    if (folder === undefined) return;
    const { stdout } = await run(['accept', '--dry-run', '-i', clusterFile]);
    await writeFile(join(folder, 'dry-run.txt'), withoutPlaces(stdout));
    const text = [...seen].map(
      ([host, { ssh, sudo }]) =>
        `${host}\n  over ssh, as ops, in order:\n${ssh.map((line) => `    ${abridged(line)}\n`).join('')}  by sudo's own log, as root, in order:\n${sudo
          .filter(isProgram)
          .map((line) => `    ${line}\n`)
          .join('')}`,
    );
    await writeFile(join(folder, 'traced-run.txt'), withoutPlaces(text.join('\n')));
  }
});

/** Which source ports a run will have is not known before it: the dry run says so. */
function withoutPorts(line: string): string {
  return line.replace(/ 'ports=[0-9A-F ]+' /, ' ports= ');
}

function mustBeEqual(rehearsal: Rehearsal, seen: ReadonlyMap<string, Trace>): void {
  for (const [host, trace] of seen) {
    const commands = rehearsal.commands.filter((command) => command.host === host);
    const [ran, named] = [inOneOrder(trace.ssh.map(withoutPorts), commands), lineOf(commands)];
    const at = ran.findIndex((line, index) => line !== named[index]);
    // Scripts are too long for a difference to be found in.
    const differs = at < 0 ? '' : `; number ${at + 1} is ${ran[at]?.slice(-120)}, and not ${named[at]?.slice(-120)}`;
    expect(ran, `${host}: programs over ssh${differs}`).to.deep.equal(named);
    const programs = trace.sudo.filter(isProgram);
    expect(programs, `${host}: programs as root`).to.deep.equal(asRootOn(commands, programs));
  }
}

/** `sudo -l` asks what is allowed and runs nothing. */
const isProgram = (command: string): boolean => command !== 'list';

/** What is to be seen of a healthy run: nothing that needs a failure. */
function unconditional(commands: readonly RehearsedCommand[]): readonly RehearsedCommand[] {
  return commands.filter(({ condition }) => condition === undefined);
}

/** The lines that go to such a program, each as an operator would type it. */
function inputsOf({ commands }: Rehearsal, program: string): readonly string[] {
  return commands
    .filter(({ argv, stdin }) => stdin !== undefined && quoteArgv(argv).endsWith(program))
    .flatMap(({ stdin = '' }) => stdin.trimEnd().split('\n'))
    .map((line) => `ipvsadm ${line}`);
}

function lineOf(commands: readonly RehearsedCommand[]): readonly string[] {
  return unconditional(commands).map(({ argv }) => quoteArgv(argv));
}

/** Which of those that start together comes first is open: they are put in the order of the dry run, if it is these. */
function inOneOrder(seen: readonly string[], commands: readonly RehearsedCommand[]): readonly string[] {
  const groups: string[][] = [];
  for (const { argv, alongside } of unconditional(commands)) {
    if (alongside === true) groups.at(-1)?.push(quoteArgv(argv));
    else groups.push([quoteArgv(argv)]);
  }
  const ordered = [...seen];
  let at = 0;
  for (const group of groups) {
    const same =
      ordered
        .slice(at, at + group.length)
        .toSorted()
        .join('\0') === group.toSorted().join('\0');
    if (same) ordered.splice(at, group.length, ...group);
    at += group.length;
  }
  return ordered;
}

/** The dry run's root programs; one that needs its program or its rules is left out where `seen` does not go on with it. */
function asRootOn(commands: readonly RehearsedCommand[], seen: readonly string[]): readonly string[] {
  const expected = unconditional(commands).flatMap(({ argv, via, root = [] }): readonly RehearsedRootCommand[] => [
    ...(via === undefined ? [] : [{ argv: argv.slice(argv.indexOf('--') + 1), via, what: '' }]),
    ...root,
  ]);
  const named: string[] = [];
  for (const { argv, condition } of expected) {
    const program = argv.join(' ');
    if (condition === undefined || seen[named.length] === program) named.push(program);
  }
  return named;
}

/** A script of many lines by its length, as the dry run's text has it. */
function abridged(line: string): string {
  return line.replaceAll(/'(?:[^']|'\\'')*'/g, (word) =>
    word.includes('\n') ? `'…${word.slice(1, -1).trimEnd().split('\n').length} lines…'` : word,
  );
}

/** Where this checkout and its node happen to be. */
function withoutPlaces(text: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return text
    .replaceAll(root, '/opt/ipvet/')
    .replaceAll(process.execPath, 'node')
    .replaceAll(`ipvet-${lab}-`, 'ipvet-lab-')
    .replaceAll(`lab-${lab}`, 'lab');
}
