import { expect } from 'chai';
import { ask, questions } from '../../../lib/facts/for-maintainers.ts';
import { IpvetError } from '../../../lib/errors.ts';
import type { ClusterHost } from '../../../lib/model/cluster.ts';
import type { ExecOptions, ExecResult, Host } from '../../../lib/ssh/host.ts';

const declaration = { name: 'director1', role: 'director' } as unknown as ClusterHost;

function director(answer: (argv: readonly string[], options: ExecOptions) => Partial<ExecResult>): Host {
  return {
    declaration,
    user: 'ops',
    exec: (argv, options = {}) =>
      new Promise((resolve) => {
        resolve({
          argv,
          exitCode: 0,
          stdout: '',
          stderr: '',
          truncated: false,
          durationMs: 1,
          requestedAtMs: 0,
          ...answer(argv, options),
        });
      }),
    spawn: () => Promise.reject(new IpvetError('INTERNAL', 'nothing is left running here')),
  };
}

const { signal } = new AbortController();
const refused = () => new IpvetError('PERMISSION', 'sudo wants a password');

describe('what directors are asked for a bundle', () => {
  it('is what maintainers want, of each what it printed on both streams', async () => {
    const asked = await ask(
      director((argv) =>
        argv.includes('keepalived') && argv.includes('--version')
          ? { stderr: 'Keepalived v2.2.7\n' }
          : { stdout: 'x\n' },
      ),
      signal,
    );
    expect(asked.map(({ name }) => name)).to.deep.equal([
      'keepalived-version',
      'ipvsadm-version',
      'rates',
      'policy-rules',
      'policy-routes',
      'keepalived-journal',
    ]);
    expect(asked[0]).to.deep.equal({
      host: 'director1',
      name: 'keepalived-version',
      command: 'keepalived --version',
      text: 'Keepalived v2.2.7\n',
    });
    expect(asked[2]?.command).to.equal('ipvsadm -Ln --rate');
  });

  it('changes nothing', () => {
    const reads =
      /^(?:keepalived --version|ipvsadm (?:--version|-Ln --rate)|ip (?:rule|route show table all)|journalctl [^;|&]*)$/;
    for (const { argv } of questions) expect((argv[0] === 'sh' ? argv.slice(4) : argv).join(' ')).to.match(reads);
  });

  it('says why where it was not had, and reads the log without root where root is not allowed', async () => {
    const asked = await ask(
      director((argv, { asRoot }) => {
        if (asRoot === true) throw refused();
        return argv.includes('ipvsadm')
          ? { exitCode: 127, stderr: 'ipvsadm: not found\n' }
          : { stdout: `${argv.join(' ')}\n` };
      }),
      signal,
    );
    const text = (name: string) => asked.find((one) => one.name === name)?.text;
    expect(text('rates')).to.equal('(not had: sudo wants a password)\n');
    expect(text('ipvsadm-version')).to.equal('ipvsadm: not found\n(exit code 127)\n');
    expect(text('keepalived-journal')).to.match(/^journalctl /);
  });

  it('is not gone on with after it was stopped', async () => {
    const stopped = director(() => {
      throw new IpvetError('ABORTED', 'stopped');
    });
    const error: unknown = await ask(stopped, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('code', 'ABORTED');
  });
});
