import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EarlierUndo, Holder } from '../../../lib/changes/channel.ts';
import type { Guard, GuardOptions } from '../../../lib/changes/guard.ts';
import { openGuard } from '../../../lib/changes/open-guard.ts';
import { changeArgv, changeInput } from '../../../lib/changes/guard-program.ts';
import type { UndoStep } from '../../../lib/changes/undo-step.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { ipvsadmRestore } from '../../../lib/privileges/index.ts';
import { quoteWord } from '../../../lib/ssh/quote.ts';
import { LocalHost } from '../../../lib/ssh/local-host.ts';
import { aClient } from '../../builders.ts';

const holder = (change: Partial<Holder> = {}): Holder => ({
  runId: 'run-1',
  owner: 'alice@laptop',
  purpose: 'accept',
  since: '2026-11-22T22:00:00Z',
  ...change,
});

/** This machine plays the host; the folder and the waiting time are the test's own. */
describe('guard of a host', function () {
  this.timeout(30_000);
  let home = '';
  let folder = '';
  let lifetime = new AbortController();
  let host: LocalHost;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'ipvet-guard-'));
    folder = join(home, 'lock');
    lifetime = new AbortController();
    host = await LocalHost.open(aClient(), 'none', lifetime.signal);
  });

  afterEach(async () => {
    lifetime.abort();
    await host.close();
    rmSync(home, { recursive: true, force: true });
  });

  const open = (change: Partial<GuardOptions> = {}): Promise<Guard> =>
    openGuard(host, { holder: holder(), signal: lifetime.signal, place: { folder, holdS: 2 }, ...change });

  /** Undoing appends its name to a file, so the order shows. */
  const step = (name: string, more = ''): UndoStep => ({
    host: 'client1',
    what: `the change ${name}`,
    script: `printf '%s\\n' ${quoteWord(name)} >>${quoteWord(join(home, 'undone'))}\n${more}`,
  });
  const undone = (): string[] =>
    existsSync(join(home, 'undone')) ? readFileSync(join(home, 'undone'), 'utf8').trim().split('\n') : [];

  const until = async (what: () => boolean, limitMs = 15_000): Promise<void> => {
    for (const end = performance.now() + limitMs; !what();) {
      if (performance.now() > end) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const killKeeper = async (): Promise<void> => {
    const keeper = await host.exec(['sh', '-c', `grep -lsz ipvet-keeper /proc/[0-9]*/cmdline | grep -v /$$/`]);
    for (const file of keeper.stdout.trim().split('\n')) {
      const pid = Number(/\d+/.exec(file)?.[0]);
      if (cmdlineOf(pid).includes(folder)) process.kill(pid, 'SIGKILL');
    }
  };
  const refusedWith = async (work: Promise<unknown>): Promise<IpvetError> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(IpvetError);
    return error as IpvetError;
  };

  it('is released without a trace when everything was undone', async () => {
    const guard = await open();
    const first = await guard.register(step('one'));
    const second = await guard.register(step('two'));
    await guard.undo(second, lifetime.signal);
    await guard.undo(first, lifetime.signal);
    expect(undone()).to.deep.equal(['two', 'one']);
    expect(await guard.release()).to.equal(true);
    expect(existsSync(folder)).to.equal(false);
    expect(existsSync(`${folder}.restored`)).to.equal(false);
  });

  it('keeps a change that is to stay', async () => {
    const guard = await open();
    await guard.keep(await guard.register(step('stays')));
    expect(await guard.release()).to.equal(true);
    expect(undone()).to.deep.equal([]);
  });

  it('undoes in reverse order once the run is gone, and tells the next run, once', async () => {
    const guard = await open();
    const steps = ['one', `it's "two" $(touch ${home}/pwned)`, 'three'];
    for (const name of steps) await guard.register(step(name));
    const gone = performance.now();
    lifetime.abort();
    await until(() => existsSync(`${folder}.restored`));
    expect((performance.now() - gone) / 1000).to.be.within(1, 8);
    expect(undone()).to.deep.equal(steps.toReversed());
    expect(existsSync(join(home, 'pwned'))).to.equal(false);

    lifetime = new AbortController();
    host = await LocalHost.open(aClient(), 'none', lifetime.signal);
    const next = await open({ holder: holder({ runId: 'run-2' }) });
    expect(next.earlier?.runId).to.equal('run-1');
    expect(next.earlier?.log.slice(1)).to.deep.equal(steps.toReversed().map((name) => `undone the change ${name}`));
    expect(await next.release()).to.equal(true);
    expect((await open({ holder: holder({ runId: 'run-3' }) })).earlier).to.equal(undefined);
  });

  it('waits as long as it hears of the run', async () => {
    const guard = await open({ place: { folder, holdS: 5 } });
    await guard.register(step('one'));
    await new Promise((resolve) => setTimeout(resolve, 7500));
    expect(undone()).to.deep.equal([]);
    expect(readFileSync(join(folder, 'id'), 'utf8')).to.equal('run-1\n');
  });

  it('refuses a second run, and says who has the lock', async () => {
    await open();
    const error = await refusedWith(open({ holder: holder({ runId: 'run-2', owner: 'bob@desk' }) }));
    expect(error.code).to.equal('LOCKED');
    expect(error.message).to.match(
      /^client1 is being changed by alice@laptop \(accept, run run-1, since 2026-11-22T22:00:00Z\), last sign of life \d s ago$/,
    );
  });

  it('calls no lock stale whose holder is only just starting his guard', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'id'), 'run-1\n');
    writeFileSync(join(folder, 'owner'), 'alice@laptop\n');
    writeFileSync(join(folder, 'beat'), `${Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))}\n`);
    const error = await refusedWith(open({ holder: holder({ runId: 'run-2' }) }));
    expect(error.message).to.include('is being changed by alice@laptop');
  });

  it('runs nothing from a folder that is not its own, and does not take it for a lock', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'guard'), `touch ${join(home, 'pwned')}\n`);
    const taken: string[] = [];
    const steal = (held: string) => Promise.resolve(taken.push(held) > 0);
    if (process.getuid?.() === 0) chownSync(folder, 65534, 65534);
    const error = await refusedWith(open({ stealLock: steal }));
    expect(error.code).to.equal('LOCKED');
    expect(taken[0]).to.include("none of ipvet's");
    if (process.getuid?.() === 0) expect(existsSync(join(home, 'pwned'))).to.equal(false);
  });

  it('lets exactly one of many have the lock', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => open({ holder: holder({ runId: `run-${index}` }) })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
  });

  it('finds a stale lock and, told to, undoes what it left before it takes it', async () => {
    mkdirSync(folder);
    const first = await open({ place: { folder: join(home, 'other'), holdS: 2 } });
    await first.register(step('left behind'));
    // What a host holds whose guard was killed: the folder, and no guard.
    rmSync(folder, { recursive: true });
    await host.exec(['cp', '-r', join(home, 'other'), folder]);
    await host.exec(['sed', '-i', `s|${join(home, 'other')}|${folder}|`, join(folder, 'guard')]);
    // The number the guard had is somebody else's by now.
    writeFileSync(join(folder, 'armed'), `${process.pid}\n`);
    await first.keep(1);
    await first.release();

    const stale = await refusedWith(open({ holder: holder({ runId: 'run-2' }) }));
    expect(stale.message).to.include('has a stale lock of alice@laptop').and.include('1 undo step left');
    expect(undone()).to.deep.equal([]);
    const asked: string[] = [];
    const refusal = (held: string) => {
      asked.push(held);
      return Promise.resolve(false);
    };
    await refusedWith(open({ holder: holder({ runId: 'run-2' }), stealLock: refusal }));
    expect(asked).to.deep.equal([stale.message]);
    expect(undone()).to.deep.equal([]);
    const taken = await open({ holder: holder({ runId: 'run-2' }), stealLock: () => Promise.resolve(true) });
    expect(undone()).to.deep.equal(['left behind']);
    expect(taken.earlier?.runId).to.equal('run-1');
    expect(await taken.release()).to.equal(true);
  });

  it('takes the lock of a run that goes on, whose changes are undone, and tells that run', async () => {
    const lost: { error: IpvetError; undone: EarlierUndo | undefined }[] = [];
    const first = await open({
      place: { folder, holdS: 20 },
      onLost: (error, log) => {
        lost.push({ error, undone: log });
      },
    });
    await first.register(step('one'));
    const second = await open({
      holder: holder({ runId: 'run-2' }),
      stealLock: () => Promise.resolve(true),
      place: { folder, holdS: 20 },
    });
    expect(undone()).to.deep.equal(['one']);
    await until(() => lost.length > 0);
    expect(lost[0]?.error.code).to.equal('UNGUARDED');
    expect((await refusedWith(first.register(step('two')))).code).to.equal('UNGUARDED');
    expect(await first.release()).to.equal(false);
    expect(await second.release()).to.equal(true);
  });

  it('starts its guard again when somebody has ended it', async () => {
    const guard = await open({ place: { folder, holdS: 20 } });
    await guard.register(step('one'));
    const armed = join(folder, 'armed');
    const pid = readFileSync(armed, 'utf8').trim();
    process.kill(Number(pid), 'SIGKILL');
    await until(() => existsSync(armed) && !['', pid].includes(readFileSync(armed, 'utf8').trim()));
    await guard.undo(1, lifetime.signal);
    expect(await guard.release()).to.equal(true);
  });

  it('takes up the conversation again when it was broken, and the guard keeps waiting', async () => {
    const guard = await open({ place: { folder, holdS: 20 } });
    await guard.register(step('one'));
    await killKeeper();
    await guard.register(step('two'));
    await guard.undo(2, lifetime.signal);
    await guard.undo(1, lifetime.signal);
    expect(await guard.release()).to.equal(true);
    expect(undone()).to.deep.equal(['two', 'one']);
  });

  it('says that the host was restarted, refuses further changes, and forgives what went with its kernel', async () => {
    const lost: IpvetError[] = [];
    const guard = await open({ place: { folder, holdS: 20 }, onLost: (error) => lost.push(error) });
    await guard.register(step('one', 'false'));
    await guard.register({ ...step('two', 'false'), lasting: true });
    process.kill(Number(readFileSync(join(folder, 'armed'), 'utf8')), 'SIGKILL');
    writeFileSync(join(folder, 'boot'), 'of another time\n');
    await killKeeper();
    await until(() => lost.length > 0);
    expect(lost[0]?.message).to.equal('client1 was restarted while it was being changed');
    expect((await refusedWith(guard.register(step('three')))).code).to.equal('UNGUARDED');
    // The rules it would put right went with the kernel; a file did not.
    await refusedWith(guard.undo(2, lifetime.signal));
    await guard.undo(1, lifetime.signal);
    expect(await guard.release()).to.equal(false);
  });

  it('says that a step did not bring the host back, and does not let go of it', async () => {
    const guard = await open();
    const number = await guard.register(step('one', 'echo no such device >&2; false'));
    const error = await refusedWith(guard.undo(number, lifetime.signal));
    expect(error.message).to.equal('client1 is not as it was found: no such device');
    expect(await guard.release()).to.equal(false);
    await until(() => existsSync(join(folder, 'failed')), 25_000);
    expect(readFileSync(join(folder, 'log'), 'utf8')).to.include('failed the change one');
  });

  describe('makes a change', () => {
    const rules = '-A -t 192.168.122.100:80 -s rr\n-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 10\n';
    const applied = (): string =>
      existsSync(join(home, 'applied')) ? readFileSync(join(home, 'applied'), 'utf8') : '';

    /** What programs find instead of ipvsadm: it keeps each line as it reads it. */
    const ipvsadm = (slowS = 0): void => {
      const text = `#!/bin/sh\nwhile IFS= read -r line; do sleep ${slowS}; printf '%s\\n' "$line" >>'${home}/applied'; done\n`;
      writeFileSync(join(home, 'ipvsadm'), text, { mode: 0o755 });
    };
    /** As root it is run without sudo, whoever runs the tests. */
    const withPrograms = (argv: readonly string[]): readonly string[] => {
      writeFileSync(join(home, 'id'), '#!/bin/sh\ncase $1 in -u) echo 0 ;; *) exec /usr/bin/id "$@" ;; esac\n', {
        mode: 0o755,
      });
      return ['env', `PATH=${home}:${process.env['PATH'] ?? ''}`, ...argv];
    };
    /** The program that makes change 1 of run-1, with its input in the hands of the test. */
    const making = () => host.spawn(withPrograms(changeArgv(['ipvsadm', '-R'], { folder, holdS: 2 })));
    const words = (text = rules): string => changeInput({ runId: 'run-1', number: 1, text });

    beforeEach(() => {
      ipvsadm();
    });

    it('with all of the input, word for word', async () => {
      const guard = await open({ place: { folder, holdS: 20 } });
      await guard.register(step('rules'));
      const change = await making();
      change.write(words());
      await change.close();
      expect(await change.ended).to.include({ exitCode: 0 });
      expect(applied()).to.equal(rules);
    });

    it('not at all when the connection is cut at any place in its input', async () => {
      const guard = await open({ place: { folder, holdS: 20 } });
      await guard.register(step('rules'));
      for (const length of [0, 3, 8, 40, words().indexOf('-w 10') + 4, words().length - 3]) {
        const change = await making();
        change.write(words().slice(0, length));
        await change.close();
        expect(await change.ended, `${length} characters`).to.deep.include({
          exitCode: 75,
          stderr: 'ipvet-change: cut\n',
        });
        expect(applied(), `${length} characters`).to.equal('');
      }
    });

    it('not at all when the rest comes after the guard has undone it', async () => {
      const guard = await open();
      await guard.register(step('rules'));
      // A connection that hangs: half of it is there, and the run is not heard of any more.
      const other = await LocalHost.open(aClient(), 'none', new AbortController().signal);
      const change = await other.spawn(withPrograms(changeArgv(['ipvsadm', '-R'], { folder, holdS: 2 })));
      change.write(words().slice(0, 60));
      lifetime.abort();
      await until(() => existsSync(`${folder}.restored`));
      expect(undone()).to.deep.equal(['rules']);
      change.write(words().slice(60));
      await change.close();
      expect(await change.ended).to.deep.include({ exitCode: 75, stderr: 'ipvet-change: gone\n' });
      expect(applied()).to.equal('');
      await other.close();
    });

    it('not at all when the run itself has undone it, or another run has the lock', async () => {
      const guard = await open({ place: { folder, holdS: 20 } });
      await guard.register(step('rules'));
      const [late, later] = [await making(), await making()];
      await guard.undo(1, lifetime.signal);
      late.write(words());
      await late.close();
      expect(await late.ended).to.include({ exitCode: 75 });
      expect(await guard.release()).to.equal(true);

      const next = await open({ holder: holder({ runId: 'run-2' }), place: { folder, holdS: 20 } });
      await next.register(step('other rules'));
      later.write(words());
      await later.close();
      expect(await later.ended).to.include({ exitCode: 75 });
      expect(applied()).to.equal('');
      await next.undo(1, lifetime.signal);
      expect(await next.release()).to.equal(true);
    });

    it('and undoes it only when what makes it has ended, cut off or not', async () => {
      ipvsadm(0.7);
      const guard = await open({ place: { folder, holdS: 20 } });
      await guard.register(step('rules', `printf 'undone\\n' >>${quoteWord(join(home, 'applied'))}`));
      const change = await making();
      change.write(words());
      // The run hears nothing more of it, and takes it back.
      void change.close();
      await until(() => readdirSync(folder).some((name) => name.startsWith('making.1.')));
      await guard.undo(1, lifetime.signal);
      expect(applied()).to.equal(`${rules}undone\n`);
      expect(await guard.release()).to.equal(true);
    });

    it('by words of lib/privileges alone, and says what it was refused', async () => {
      const guard = await open({ place: { folder, holdS: 20 } });
      await guard.register(step('rules'));
      const foreign = await refusedWith(guard.make(1, { argv: ['id', '-u'] }, '', lifetime.signal));
      expect(foreign.code).to.equal('INTERNAL');
      await guard.undo(1, lifetime.signal);
      const late = await refusedWith(guard.make(1, ipvsadmRestore, rules, lifetime.signal));
      expect(late).to.include({ code: 'UNGUARDED', host: 'client1' });
      expect(late.message).to.include('nothing more is changed there');
      expect(await guard.release()).to.equal(true);
    });
  });

  it('does not begin where nothing can be written', async () => {
    const error = await refusedWith(open({ place: { folder: join(home, 'absent', 'lock'), holdS: 2 } }));
    expect(error.code).to.equal('UNGUARDED');
    expect(error.message).to.include('nothing is changed without a guard');
  });
});

function cmdlineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
