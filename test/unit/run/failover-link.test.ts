import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { changeInput, detachArgv, undoProgram } from '../../../lib/changes/guard-program.ts';
import { linkStep } from '../../../lib/run/failover/link-step.ts';
import { WatchReader } from '../../../lib/run/failover/watch.ts';
import { aDirector } from '../../builders.ts';

/** Remembers in files what it is told: `link` is up or down, `routes` as `ip route show` prints them; saved routes are the text. */
const ip = String.raw`#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
'link set dev eth0 down') echo down >link; : >routes ;;
'link set dev eth0 up') echo up >link ;;
'link show dev eth0 up') if [ "$(cat link)" = up ]; then echo '2: eth0'; fi ;;
'-4 route show table all') cat routes; echo 'local 192.168.122.10 dev eth0 table local proto kernel'; echo 'default via 10.0.0.1 dev eth0 table 7' ;;
'-4 route show table all proto boot') cat routes ;;
'-4 route save table main proto boot') cat routes ;;
'route restore') cat >>restored; if [ -e deaf ]; then exit 2; fi; cat restored | sort -u >routes ;;
*) exit 0 ;;
esac
echo "$*" >>said
`;

/** This machine plays the director, with programs of the test's own in place of `ip`, `sudo` and `sleep`. */
describe('a link that goes down and comes back by itself', () => {
  const { means, undo } = linkStep(aDirector());
  const program = means.kind === 'detached' ? means.program : '';
  const routes = 'default via 192.168.122.254 dev eth0\n';
  let home = '';
  let folder = '';
  const here = (name: string) => join(home, name);
  const read = (name: string) => (existsSync(here(name)) ? readFileSync(here(name), 'utf8') : '');
  const env = () => ({ PATH: `${home}:${process.env['PATH'] ?? ''}` });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ipvet-link-'));
    folder = here('lock');
    mkdirSync(folder);
    const programs = { ip, sudo: '#!/bin/sh\nshift; exec "$@"\n', sleep: '#!/bin/sh\nexec /bin/sleep 0.05\n' };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(here(name), text);
      chmodSync(here(name), 0o755);
    }
    writeFileSync(here('link'), 'up\n');
    writeFileSync(here('routes'), routes);
    writeFileSync(join(folder, 'id'), 'run-1\n');
    writeFileSync(join(folder, 'open.1'), '');
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const start = () => {
    const [file = '', ...args] = detachArgv({ folder, holdS: 20 });
    return spawnSync(file, args, { input: changeInput({ runId: 'run-1', number: 1, text: program }), env: env() });
  };
  const takeBack = () =>
    spawnSync('sh', ['-s'], {
      input: undoProgram(1, undo.script.replace('d=/var/tmp/ipvet', `d=${folder}`), { folder, holdS: 20 }),
      env: env(),
    }).status;
  const until = async (test: () => boolean) => {
    for (let tries = 0; tries < 100 && !test(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(test()).to.equal(true);
  };

  it('has the routes back that went with it, without anybody’s help', async () => {
    expect(start().status).to.equal(0);
    await until(() => read('said').includes('route restore'));
    await until(() => read('routes') === routes);
    const said = read('said').split('\n');
    expect(said.indexOf('link set dev eth0 down')).to.be.above(-1);
    expect(said.indexOf('link set dev eth0 up')).to.be.above(said.indexOf('link set dev eth0 down'));
    expect(readdirSync(folder).filter((name) => name.startsWith('routes.7.'))).to.have.length(3);
    expect(readdirSync(folder).filter((name) => name.startsWith('routes.local'))).to.deep.equal([]);
    expect(takeBack()).to.equal(0);
  });

  it('is brought back by the undo where that program died in the middle', async () => {
    const [file = '', ...args] = detachArgv({ folder, holdS: 20 });
    const cut = program.replace(/ && sleep \d+\n[^]*/, '\nexit 0');
    spawnSync(file, args, { input: changeInput({ runId: 'run-1', number: 1, text: cut }), env: env() });
    await until(() => read('link') === 'down\n');
    expect(takeBack()).to.equal(0);
    expect([read('link'), read('routes')]).to.deep.equal(['up\n', routes]);
  });

  it('is not as it was while a route is missing', async () => {
    start();
    await until(() => read('routes') === routes && read('said').includes('route restore'));
    writeFileSync(here('deaf'), '');
    writeFileSync(here('routes'), '');
    expect(takeBack()).to.equal(1);
  });

  it('does not go down any more once its undoing has begun, and was never down to be put back', async () => {
    writeFileSync(here('sleep'), '#!/bin/sh\nexec /bin/sleep 0.5\n');
    expect(start().status).to.equal(0);
    expect(takeBack()).to.equal(0);
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(read('said')).not.to.contain('down');
    expect(start().status, 'once more').to.equal(75);
  });

  it('goes on when what started it is gone', async () => {
    const [file = '', ...args] = detachArgv({ folder, holdS: 20 });
    const child = spawn(file, args, { env: env(), stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(changeInput({ runId: 'run-1', number: 1, text: program }));
    await new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await until(() => read('routes') === routes && read('said').includes('link set dev eth0 up'));
  });
});

describe('links as a director is seen to have them', () => {
  it('are told when they go down and when they come back, once each', () => {
    const reader = new WatchReader('director1', '192.168.122.100', { offsetMs: 0, errorMs: 1 });
    for (const line of [
      '[2026-11-29T17:00:00.000000] 2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default',
      '[2026-11-29T17:00:01.000000] 2: eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo_fast state DOWN group default',
      '[2026-11-29T17:00:01.100000] 2: eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc pfifo_fast state DOWN group default',
      '[2026-11-29T17:00:03.000000] 2: eth0@if7: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP group default',
    ])
      reader.line(line);
    expect(reader.entries.map(({ kind, value, atMs }) => [kind, value, atMs % 60_000])).to.deep.equal([
      ['link-down', 'eth0', 1000],
      ['link-up', 'eth0', 3000],
    ]);
  });
});
