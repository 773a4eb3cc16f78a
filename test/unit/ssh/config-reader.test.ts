import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { ConfigReader } from '../../../lib/ssh/config-reader.ts';

describe('asking ssh for its configuration', () => {
  const before = process.env['PATH'] ?? '';
  let folder = '';

  /** `ssh -G … -- ALIAS` of these tests. */
  const answers = `#!/bin/sh
for alias do :; done
echo started >>"$0.log.$alias"
case $alias in
  refused) echo 'hostname not-this' ; echo 'line 3: Bad configuration option' >&2; exit 255 ;;
  noisy) echo 'user mallory' >&2 ;;
  slow) sleep 20 ;;
esac
echo "hostname $alias.example"
echo "user ops"
`;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ipvet-test-'));
    writeFileSync(path.join(folder, 'ssh'), answers, { mode: 0o755 });
    process.env['PATH'] = `${folder}:${before}`;
  });

  afterEach(() => {
    process.env['PATH'] = before;
    rmSync(folder, { recursive: true });
  });

  const reader = (timeoutMs?: number) => new ConfigReader(new AbortController().signal, timeoutMs);

  it('gives each of many hosts its own answer', async () => {
    const aliases = Array.from({ length: 12 }, (_, index) => `rs${index}`);
    const one = reader();
    const configs = await Promise.all(aliases.map((alias) => one.ask({ alias })));
    expect(configs.map(({ hostname }) => hostname)).to.deep.equal(aliases.map((alias) => `${alias}.example`));
  });

  it('takes nothing that ssh says beside its answer for a part of it', async () => {
    expect(await reader().ask({ alias: 'noisy' })).to.include({ user: 'ops', hostname: 'noisy.example' });
  });

  it('tells what ssh does not accept, of that host alone', async () => {
    const one = reader();
    const [good, refused, other] = await Promise.allSettled(
      ['rs1', 'refused', 'rs2'].map((alias) => one.ask({ alias, configFile: '/etc/my config' })),
    );
    expect([good?.status, other?.status]).to.deep.equal(['fulfilled', 'fulfilled']);
    const error = (refused as PromiseRejectedResult).reason as IpvetError;
    expect(error).to.be.instanceOf(IpvetError).and.to.include({ code: 'SSH_CONFIG' });
    expect(error.message).to.equal(
      'ssh does not accept its configuration for refused: line 3: Bad configuration option',
    );
    expect(error.hint).to.contain("ssh -G -F '/etc/my config' -- refused");
  });

  it('gives up one that hangs, and asks those behind it all the same', async () => {
    const one = reader(700);
    const settled = await Promise.allSettled(['rs1', 'slow', 'rs2'].map((alias) => one.ask({ alias })));
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect((settled[1] as PromiseRejectedResult).reason)
      .to.have.property('message')
      .that.contains('within 0.7 s');
    expect(readdirSync(folder).filter((name) => name.includes('.log.'))).to.have.length(3);
  });

  it('tells an answer while those behind it are still being asked', async () => {
    const abort = new AbortController();
    const one = new ConfigReader(abort.signal);
    const [quick, slow] = ['rs1', 'slow'].map((alias) => one.ask({ alias }).catch((error: unknown) => error));
    expect(await Promise.race([quick, slow])).to.include({ hostname: 'rs1.example' });
    abort.abort(new Error('enough'));
    expect(await slow).to.include({ code: 'ABORTED' });
  });

  it('takes the defaults of OpenSSH where there is none', async () => {
    rmSync(path.join(folder, 'ssh'));
    symlinkSync('/bin/sh', path.join(folder, 'sh'));
    process.env['PATH'] = folder;
    expect(await reader().ask({ alias: 'ops@rs1' })).to.include({ user: 'ops', hostname: 'rs1', port: 22 });
  });

  it('ends when it is interrupted', async () => {
    const abort = new AbortController();
    const answer = new ConfigReader(abort.signal).ask({ alias: 'slow' });
    setTimeout(() => {
      abort.abort(new Error('enough'));
    }, 300);
    const error: unknown = await answer.catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'ABORTED' });
  });
});
