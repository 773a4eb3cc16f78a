import { expect } from 'chai';
import type { Guard } from '../../../lib/changes/guard.ts';
import type { ExecOptions, ExecResult, Host } from '../../../lib/ssh/host.ts';
import { applyBatch, readRules } from '../../../lib/ipvs/director-rules.ts';
import { IpvetError } from '../../../lib/errors.ts';

type Answer = Partial<Pick<ExecResult, 'exitCode' | 'stdout' | 'stderr' | 'truncated'>> | IpvetError;

/** A director that answers each command line with what is set for it, and keeps what it was asked. */
function director(
  answers: Readonly<Record<string, Answer>>,
): Host & { readonly asked: { argv: string; asRoot: boolean; stdin?: string }[] } {
  const asked: { argv: string; asRoot: boolean; stdin?: string }[] = [];
  return {
    asked,
    user: 'ops',
    declaration: {
      role: 'director',
      name: 'director1',
      host: 'd',
      dip: '10.0.0.1',
      interface: 'eth0',
      vipInterface: 'eth0',
    },
    exec(argv: readonly string[], options: ExecOptions = {}) {
      const line = argv.join(' ');
      const { stdin } = options;
      asked.push({ argv: line, asRoot: options.asRoot === true, ...(stdin === undefined ? {} : { stdin }) });
      const answer = answers[line];
      if (options.asRoot !== true && line.includes('command -v'))
        return Promise.resolve(aResult(argv, { exitCode: 1 }));
      if (answer === undefined) throw new Error(`not expected: ${line}`);
      if (answer instanceof IpvetError) return Promise.reject(answer);
      return Promise.resolve(aResult(argv, answer));
    },
    spawn: () => Promise.reject(new Error('not expected')),
  };
}

function aResult(argv: readonly string[], answer: Partial<ExecResult>): ExecResult {
  const plain = { argv, exitCode: 0, stdout: '', stderr: '', truncated: false, durationMs: 1, requestedAtMs: 0 };
  return { ...plain, ...answer };
}

const { signal } = new AbortController();
const save = '-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.0.10:80 -m -w 1\n';

async function failure(promise: Promise<unknown>): Promise<IpvetError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof IpvetError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('readRules', () => {
  it('reads the rules as root, with the thresholds that -Sn leaves out', async () => {
    const host = director({
      'ipvsadm -Sn': { stdout: save },
      'ipvsadm -Ln --thresholds': {
        stdout: 'TCP  10.0.0.9:80\n  -> 10.0.0.10:80      50         0          0          0\n',
      },
    });
    const { rules, text, saved } = await readRules(host, signal);
    expect(rules.services[0]?.destinations[0]?.extra).to.deep.equal(['-x', '50']);
    expect(text).to.equal(save.replace('-w 1', '-w 1 -x 50'));
    expect(saved).to.deep.equal(save.trimEnd().split('\n'));
    expect(host.asked.every(({ asRoot }) => asRoot)).to.equal(true);
  });

  it('asks no more of a director without rules', async () => {
    const host = director({ 'ipvsadm -Sn': {} });
    expect(await readRules(host, signal)).to.deep.equal({ rules: { services: [] }, text: '', saved: [] });
    expect(host.asked).to.have.lengthOf(1);
  });

  for (const [what, answer, code, message, hint] of [
    [
      'a shell without ipvsadm',
      { exitCode: 127, stderr: 'sh: 1: ipvsadm: not found\n' },
      'EXEC_FAILED',
      /director1: ipvsadm is not installed/,
      /apt-get install ipvsadm/,
    ],
    [
      'sudo without ipvsadm',
      { exitCode: 1, stderr: 'sudo: ipvsadm: command not found\n' },
      'EXEC_FAILED',
      /not installed/,
      /dnf install/,
    ],
    [
      'a kernel without IPVS',
      { exitCode: 1, stderr: "Can't initialize ipvs: Protocol not available\nAre you sure…\n" },
      'EXEC_FAILED',
      /module ip_vs/,
      /modprobe ip_vs/,
    ],
    [
      'a user who may not',
      { exitCode: 1, stderr: "Can't initialize ipvs: Permission denied (you must be root)\n" },
      'PERMISSION',
      /no permission/,
      /sudo/,
    ],
    [
      'anything else',
      { exitCode: 2, stderr: 'Memory allocation problem\n' },
      'EXEC_FAILED',
      /exit code 2\): Memory allocation problem/,
      /by hand on director1/,
    ],
    [
      'a program that sudo has no rule for because it is not there',
      new IpvetError('PERMISSION', 'sudo does not let ops run it'),
      'EXEC_FAILED',
      /not installed/,
      /apt-get install/,
    ],
    ['more than can be read', { truncated: true }, 'EXEC_FAILED', /longer than/, undefined],
  ] as const)
    it(`names ${what}`, async () => {
      const error = await failure(readRules(director({ 'ipvsadm -Sn': answer }), signal));
      expect(error).to.include({ code, host: 'director1' });
      expect(error.message).to.match(message);
      if (hint !== undefined) expect(error.hint).to.match(hint);
    });
});

/** The guard of that director, whose `make` answers so. */
function guarded(answer: Answer): Pick<Guard, 'host' | 'make'> & {
  readonly made: { step: number; argv: string; text: string }[];
} {
  const made: { step: number; argv: string; text: string }[] = [];
  return {
    made,
    host: director({}),
    make(step, { argv }, text) {
      made.push({ step, argv: argv.join(' '), text });
      return answer instanceof IpvetError ? Promise.reject(answer) : Promise.resolve(aResult(argv, answer));
    },
  };
}

describe('applyBatch', () => {
  const batch = { input: '-A -t 10.0.0.9:80 -s mh\n-a -t 10.0.0.9:80 -r 10.0.0.10:80 -m -w 1\n' };

  it('is one call of ipvsadm as root, with the lines on its input', async () => {
    const guard = guarded({});
    await applyBatch(guard, 3, batch, signal);
    expect(guard.made).to.deep.equal([{ step: 3, argv: 'ipvsadm -R', text: batch.input }]);
  });

  it('calls nothing when there is nothing to do', async () => {
    await applyBatch(guarded(new IpvetError('INTERNAL', 'asked')), 1, { input: '' }, signal);
  });

  it('fails on a line that was refused before the last one, which exit code 0 hides', async () => {
    const guard = guarded({ stderr: 'Scheduler or persistence engine not found\n' });
    const error = await failure(applyBatch(guard, 1, batch, signal));
    expect(error).to.include({ code: 'EXEC_FAILED', host: 'director1' });
    expect(error.message).to.match(/does not have this scheduler: Scheduler or/);
    expect(error.hint).to.match(/modprobe ip_vs_/);
  });

  it('fails with what ipvsadm said, and with its exit code when it said nothing', async () => {
    const stderr = 'sudo: unable to resolve host director1: Name or service not known\nDestination already exists\n';
    const said = await failure(applyBatch(guarded({ stderr }), 1, batch, signal));
    expect(said.message).to.match(/: Destination already exists$/);
    const mute = await failure(applyBatch(guarded({ exitCode: null }), 1, batch, signal));
    expect(mute.message).to.match(/exit code none/);
  });

  it('takes no offence at what sudo and the login shell say of the host', async () => {
    const stderr =
      'sudo: unable to resolve host d: Name or service not known\nbash: warning: setlocale: LC_ALL: cannot change locale\n';
    await applyBatch(guarded({ stderr }), 1, batch, signal);
  });
});
