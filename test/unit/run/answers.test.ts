import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import type { Check } from '../../../lib/model/check.ts';
import { checks } from '../../../checks/index.ts';
import { Answers } from '../../../lib/run/answers.ts';
import { Journal } from '../../../lib/run/journal.ts';
import type { Fleet, Host } from '../../../lib/ssh/host.ts';
import { LocalHost } from '../../../lib/ssh/local-host.ts';
import { aCluster, hostNamed } from '../../builders.ts';

describe("answers of checks' own commands", () => {
  const cluster = aCluster();
  let directory = '';
  let journal: Journal;
  let asked: string[] = [];
  const abort = new AbortController();

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-answers-'));
    journal = new Journal(join(directory, 'run'));
  });
  after(() => {
    journal.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** rs1 is this machine, rs3 cannot be reached. */
  const fleet: Fleet = {
    host: async (name): Promise<Host> => {
      if (name === 'rs3')
        throw new IpvetError('SSH_UNREACHABLE', 'rs3 refuses the connection', { host: 'rs3', hint: 'start sshd' });
      const local = await LocalHost.open(hostNamed(cluster, name), 'none', abort.signal);
      return {
        declaration: local.declaration,
        user: local.user,
        spawn: (argv, options) => local.spawn(argv, options),
        exec: (argv, options) => {
          asked.push(`${name}: ${argv.at(-1) ?? ''}${options?.asRoot === true ? ' as root' : ''}`);
          return local.exec(argv, options);
        },
      };
    },
    close: () => Promise.resolve(),
  };

  const aCheck = (id: string, line: string, timeoutMs = 10_000): Check => {
    const [first] = checks;
    if (first === undefined) throw new Error('there are no checks');
    return { ...first, id, stage: 'pre', command: { argv: ['sh', '-c', line], timeoutMs } };
  };

  const answerTo = async (line: string, timeoutMs?: number, host = 'rs1') => {
    const answers = new Answers({ cluster, fleet, journal, raw: { append: () => undefined }, signal: abort.signal });
    const check = aCheck('custom/one', line, timeoutMs);
    answers.add(check, { name: host });
    return answers.of(check, host);
  };

  it('has both streams and the exit code, and finds in them', async () => {
    const answer = await answerTo('echo out; echo err >&2; exit 3');
    if (!answer.known) throw new Error(answer.message);
    expect(answer.value).to.include({ exitCode: 3, stdout: 'out\n', stderr: 'err\n', cut: false });
    expect(answer.evidence).to.deep.equal({
      host: 'rs1',
      command: 'echo out; echo err >&2; exit 3',
      output: 'out\nerr',
      exitCode: 3,
    });
    expect(answer.value.find('stdout', '^(o)ut$')).to.deep.equal(['out', 'o']);
    expect(answer.value.find('stderr', 'out')).to.equal(undefined);
  });

  it('gives a search that takes too long up', async () => {
    const answer = await answerTo(`echo ${'a'.repeat(60)}!`);
    expect(answer.known && answer.value.find('stdout', String.raw`^(\w+\s?)*$`)).to.equal('too-slow');
  }).timeout(20_000);

  it('keeps 1 MiB of a flood, and says so', async () => {
    const answer = await answerTo('head -c 30000000 /dev/zero | tr "\\0" x');
    if (!answer.known) throw new Error(answer.message);
    expect(answer.value.stdout).to.have.length(1 << 20);
    expect(answer.value.cut).to.equal(true);
    expect(answer.evidence.output).to.match(/\[more than 1 MiB in all\]$/);
  }).timeout(20_000);

  it('is missing after the deadline, after a signal, and from a host that cannot be reached', async () => {
    const late = await answerTo('sleep 30', 100);
    expect(late).to.include({ known: false, reason: 'deadline' });
    const killed = await answerTo('kill -9 $$');
    expect(killed).to.include({ known: false, reason: 'command-failed' });
    expect(killed).to.have.property('message', 'rs1: the command was ended by SIGKILL');
    const absent = await answerTo('true', 1000, 'rs3');
    expect(absent).to.include({ known: false, reason: 'unreachable', hint: 'start sshd' });
  });

  it('asks one host one after another, once, never as root, and only for its stage', async () => {
    asked = [];
    const answers = new Answers({ cluster, fleet, journal, raw: { append: () => undefined }, signal: abort.signal });
    const [slow, quick] = [aCheck('custom/slow', 'sleep 0.1; : slow'), aCheck('custom/quick', ': quick')];
    for (const check of [slow, quick, { ...aCheck('custom/later', ': later'), stage: 'post' as const }])
      answers.add(check, { name: 'rs1' });
    await Promise.all([answers.of(quick, 'rs1'), answers.of(slow, 'rs1')]);
    expect(asked).to.deep.equal(['rs1: sleep 0.1; : slow', 'rs1: : quick']);
    expect(journal.events.filter(({ type }) => type === 'stage-ended').at(-1)).to.include({ name: 'commands' });
  });
});
