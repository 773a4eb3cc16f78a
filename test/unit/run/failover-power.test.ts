import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ownModule } from '../../../lib/own-files.ts';
import { PowerGuard, runPower } from '../../../lib/run/failover/power.ts';
import { failureOf } from '../../ssh/failure.ts';

describe('the power of a director', function () {
  this.timeout(20_000);
  let home = '';
  const log = () => (existsSync(join(home, 'log')) ? readFileSync(join(home, 'log'), 'utf8') : '');
  const words = (word: string): readonly string[] => ['sh', '-c', `echo ${word} >>'${home}/log'`];
  const power = () => ({ off: words('off'), on: words('on') });
  const step = { host: 'director1', what: 'its power is on', script: '' };
  const soon = async (test: () => boolean) => {
    for (let tries = 0; tries < 100 && !test(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ipvet-power-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('is cut, and put back once', async () => {
    const guard = new PowerGuard('director1', power());
    const number = await guard.register(step);
    await guard.cut(new AbortController().signal);
    await guard.undo(number, new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log()).to.equal('off\non\n');
  });

  it('is not put back where it was not cut', async () => {
    const guard = new PowerGuard('director1', power());
    await guard.register(step);
    await guard.keep();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log()).to.equal('');
  });

  it('says what its command said when that fails, and is bounded', async () => {
    const { signal } = new AbortController();
    const refused = await failureOf(runPower('director1', ['sh', '-c', 'echo no BMC >&2; exit 3'], signal));
    expect(refused).to.include({ code: 'EXEC_FAILED', host: 'director1' });
    expect(refused.message).to.contain('exit code 3').and.contain('no BMC');
    const slow = await failureOf(runPower('director1', ['sleep', '60'], AbortSignal.timeout(200)));
    expect(slow.code).to.equal('EXEC_TIMEOUT');
    expect((await failureOf(runPower('director1', ['/nowhere/ipmitool'], signal))).message).to.contain('ENOENT');
  });

  it('is put back by itself when the runner is killed in between', async () => {
    const program = `import { PowerGuard } from ${JSON.stringify(ownModule('lib/run/failover/power').href)};
const guard = new PowerGuard('director1', ${JSON.stringify(power())});
await guard.register(${JSON.stringify(step)});
await guard.cut(new AbortController().signal);
console.log('cut');
setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(log()).to.equal('off\n');
    child.kill('SIGKILL');
    await soon(() => log() === 'off\non\n');
    expect(log()).to.equal('off\non\n');
  });
});
