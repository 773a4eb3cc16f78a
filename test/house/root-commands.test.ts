/** Nothing is run as root that `ipvet doctor sudoers` does not print: lib/ssh refuses it, and scripts are read here. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { glob } from 'glob';
import { hostsOf } from '../../lib/model/cluster.ts';
import {
  censusCommands,
  fixCommandsOf,
  guardCommand,
  isRootCommand,
  rootCommands,
  rootCommandsOf,
  runFix,
  runFixUndo,
} from '../../lib/privileges/index.ts';
import { aDirectCluster } from '../builders.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whoever starts sudo: by itself in lib/ssh, in the function `root` of the two scripts that run on hosts. */
const sudoers = ['lib/changes/guard-program.ts', 'lib/facts/becoming-root.ts', 'lib/ssh/become.ts'];

async function sources(): Promise<Map<string, string>> {
  const files = await glob('{cli,suites,checks,reports,lib}/**/*.ts', { cwd: root });
  return new Map(
    await Promise.all(
      files.map(async (file) => [file, withoutComments(await readFile(resolve(root, file), 'utf8'))] as const),
    ),
  );
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

/** The words after `root` where a shell would take it for the function. */
function rootLines(text: string): readonly string[] {
  const lines = text.matchAll(/(?:^|[`'"({;&|!]|\bthen|\bdo|\belse)[ \t]*root[ \t]+((?:\$\{|[a-z])[^`'"<>|;&)\n]*)/gm);
  return [...lines].map(([, words = '']) => words.trim());
}

/** Not part of any run: its words differ from run to run, so sudo could be told of it with wildcards only. */
const unused = 'lib/changes/host-changes.ts';

/** The argv of a RootCommand, or the guard's (whose user is found on the host). */
function isConstant(words: string): boolean {
  return /^\$\{(?:(?:\w+\.)?argv\.|quoteArgv\((?:\w+\.)?argv(?:\)|$)|systemd\})/.test(words);
}

describe('house: what runs as root', () => {
  it('is started in three places', async () => {
    const starting = [...(await sources())].filter(([, text]) => /\bsudo -n (?!-l)|'sudo', '-n'/.test(text));
    expect(starting.map(([file]) => file).toSorted()).to.deep.equal(sudoers);
  });

  it('is written down, also where a script does it', async () => {
    const files = await sources();
    expect([...files].filter(([, text]) => text.includes(basename(unused)))).to.deep.equal([]);
    files.delete(unused);
    const found = [...files].flatMap(([file, text]) => rootLines(text).map((words) => ({ file, words })));
    expect(found.map(({ words }) => words)).to.include.members(['ipvsadm -R', 'ipvsadm -Sn']);
    const foreign = found.filter(({ words }) => !isConstant(words) && !isRootCommand(words.split(' '), 'ops'));
    expect(foreign).to.deep.equal([]);
  });

  it('sees a script that runs something else', () => {
    expect(rootLines('then root ip addr del 10.0.0.1/32 dev lo; x=$(root sysctl -w a=b)')).to.deep.equal([
      'ip addr del 10.0.0.1/32 dev lo',
      'sysctl -w a=b',
    ]);
  });

  it('has words for one host alone only where the cluster file settles them, and no shell among them', () => {
    const cluster = aDirectCluster('dr');
    for (const host of hostsOf(cluster)) {
      const own = censusCommands(cluster, host);
      expect(own, host.name).to.have.length(1);
      expect(own).to.deep.equal(censusCommands(cluster, host));
      for (const command of own) {
        expect(command).to.include({ tier: 'read' });
        expect(command.only).to.equal(command.argv[command.argv.indexOf('-s') + 1]);
        expect(command.optional).to.be.a('string');
        expect(['arping', 'ndisc6']).to.include(command.argv[0]);
        expect(isRootCommand(command.argv, 'ops', own)).to.equal(true);
      }
    }
  });

  it('has constant words, no shell but the guard, and an entry only once', () => {
    for (const managedBy of ['ipvsadm', 'keepalived', 'none'] as const) {
      const commands = rootCommands({ rules: { managedBy } }, { user: 'ops' });
      const words = commands.map(({ argv }) => argv.join(' '));
      expect(new Set(words).size).to.equal(words.length);
      expect(commands).to.deep.equal(rootCommands({ rules: { managedBy } }, { user: 'ops' }));
      const shells = commands.filter(({ argv }) => argv.some((word) => /(^|\/)(ba|da|)sh$/.test(word)));
      expect(shells).to.deep.equal([guardCommand('ops')]);
      expect(guardCommand('ops').argv).to.include('--uid=ops');
    }
  });

  it('has a shell as root for `ipvet fix` alone, in constant words, and not among what is needed for anything else', () => {
    for (const role of ['director', 'real-server', 'client'] as const) {
      const shells = fixCommandsOf(role, 'ops').filter(({ argv: [program] }) => program === 'sh');
      expect(shells).to.deep.equal([runFix, runFixUndo]);
      for (const { argv, tier, optional, caution } of shells) {
        expect(argv).to.have.length(2);
        expect(argv[1]).to.match(/^\/var\/tmp\/ipvet\/fix(-undo)?$/);
        expect(tier).to.equal('change');
        expect(optional).to.match(/run the patch of `ipvet fix plan` yourself/);
        expect(caution).to.match(/as much as root/);
        for (const managedBy of ['ipvsadm', 'keepalived', 'none'] as const)
          expect(rootCommandsOf({ role, managedBy }, 'ops').map((command) => command.argv)).not.to.deep.include(argv);
      }
    }
  });
});
