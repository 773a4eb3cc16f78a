/** Real hosts, and a cluster file, that try to be more than data. Nothing of theirs is run, obeyed or rendered. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { changedCopy, type Ended, labUp, onHost, outcomes, record, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'hostile-test';
const hosts = ['director1', 'rs1', 'rs2', 'rs3'];
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const script = '</script><script>document.title="pwned"</script><img src=x onerror=alert(1)>';
const escapes = '\u001b[31m\u001b]0;owned\u0007\u009b5m\u202e';
const secret = 'Hunter2Hunter2';
const namesAnswer = ['real-server/web-service@rs2 warn'];

/** A line of sh that writes exactly this text into a file, whatever is in it. */
const into = (file: string, text: string): string =>
  `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file}`;

describe('hostile hosts', function () {
  this.timeout(400_000);
  let clusterFile = '';
  let out = '';
  let found = '';

  const root = (host: string, line: string): Promise<string> => onHost(lab, `root@${host}`, line);

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-hostile-'));
    clusterFile = await labUp(lab);
    found = await rulesOn(lab);
    const osRelease = `PRETTY_NAME="${escapes}${script}$(touch /tmp/pwned)|\`id\`"\nID=debian\nVERSION_ID="12"\n`;
    await Promise.all([
      root('director1', into('/tmp/os', osRelease))
        .then(() => root('director1', 'mv /tmp/os /usr/lib/os-release'))
        // Fifteen characters are the most an interface may have.
        .then(() => root('director1', `ip link add name '$(touch\${IFS}x)' type dummy`))
        .then(() => root('director1', `ip link set '$(touch\${IFS}x)' alias '$(touch /tmp/pwned)${script}' up`))
        .then(() => root('director1', `ip address add 10.99.99.1/32 dev '$(touch\${IFS}x)'`)),
      root(
        'rs1',
        into(
          '/home/ops/.bashrc',
          `printf '${escapes}${script}'\nhead -c 1000000 /dev/zero | tr '\\0' x\necho '@ipvet 1 b os'\n`,
        ),
      )
        .then(() =>
          root(
            'rs1',
            into(
              '/tmp/hosts',
              `10.10.10.20\t$(touch /tmp/pwned) \`id\` ${script.replaceAll(' ', '_')} ${escapes}\n10.10.10.30 -oProxyCommand=x\n`,
            ),
          ),
        )
        .then(() => root('rs1', 'cat /tmp/hosts >> /etc/hosts')),
      root(
        'rs2',
        `sed -i ${quoted(`s!add_header X-Real-Server rs2!add_header X-Real-Server "rs2|<script>alert(1)</script>${escapes}"!`)} /etc/nginx/nginx.conf && nginx -s reload`,
      )
        .then(() => root('rs2', into('/etc/ssh/banner', `${escapes}${script}\n${'b'.repeat(20_000)}\n`)))
        .then(() =>
          root('rs2', into('/etc/sudoers.d/zz-lecture', 'Defaults lecture=always, lecture_file=/etc/ssh/banner\n')),
        )
        .then(() =>
          root('rs2', `echo 'Banner /etc/ssh/banner' >> /etc/ssh/sshd_config && kill -HUP "$(cat /run/sshd.pid)"`),
        ),
      root('rs3', `printf '%s' '$(touch /tmp/pwned)<b>' > /proc/sys/kernel/hostname`)
        .then(() => root('rs3', 'head -c 10000000 /dev/zero > /etc/ssh/banner'))
        .then(() =>
          root('rs3', `echo 'Banner /etc/ssh/banner' >> /etc/ssh/sshd_config && kill -HUP "$(cat /run/sshd.pid)"`),
        ),
    ]);
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  const changed = (name: string, change: (text: string) => string): Promise<string> =>
    changedCopy(clusterFile, join(out, `${name}.yaml`), change);

  /** Nothing a terminal would obey, on either stream. */
  const inert = ({ stdout, stderr }: Ended): void => {
    expect((stdout + stderr).replaceAll(/[\n\t]/g, '')).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  };

  /** The run's only findings. A machine too busy to tell the time makes the clock's verdict one that cannot be told. */
  const judgedAs = (ended: Ended, expected: readonly string[]): void => {
    const open = outcomes(record(ended));
    const slow = open.filter(({ check, outcome }) => check === 'network/clock-offset' && outcome === 'error');
    const rest = open.filter((one) => !slow.includes(one));
    expect(
      rest.map(({ check, host, outcome }) => `${check}@${host ?? ''} ${outcome}`),
      JSON.stringify(open),
    ).to.deep.equal(expected);
    expect(ended.code, ended.stderr).to.equal(slow.length > 0 ? 3 : 0);
  };

  const runFolder = async (): Promise<string> => {
    const folders = (await readdir(out)).filter((name) => /^\d{8}T/.test(name)).toSorted();
    return join(out, folders.at(-1) ?? '');
  };

  afterEach(async () => {
    expect(existsSync('/tmp/pwned')).to.equal(false);
    expect(existsSync('x')).to.equal(false);
    for (const host of hosts)
      expect(
        await root(host, 'ls /tmp/pwned /root/pwned /home/ops/pwned /x /root/x /home/ops/x 2>/dev/null; true'),
        host,
      ).to.equal('');
  });

  it('are shown by ipvet hosts as they are, and obeyed by no terminal', async () => {
    const text = await run(['hosts', '-i', clusterFile]);
    expect(text.code, text.stderr).to.equal(0);
    inert(text);
    expect(text.stdout).to.include('^[[31m').and.include('$(touch /tmp/pwned)');
    const json = await run(['hosts', '-i', clusterFile, '--json']);
    inert(json);
    expect(json.stdout)
      .to.include(String.raw`\u001b[31m`)
      .and.include(String.raw`\u202e`);
  });

  it('pass check and accept: what they say of themselves changes no verdict but the one about their name', async () => {
    for (const command of ['check', 'accept']) {
      const ended = await run([command, '-v', '-i', clusterFile, '-o', out, '--timeout', '60s', '--json']);
      const expected = command === 'check' ? ['real-server/web-service@rs2 warn'] : namesAnswer;
      judgedAs(ended, expected);
      inert(ended);
      expect(record(ended).restored).to.equal(true);
      inert(await run(['report', await runFolder(), '--format', 'text', '-o', '-']));
    }
    expect(await rulesOn(lab)).to.equal(found);
  });

  it('leave a run folder that only its owner reads, in formats that obey nothing', async () => {
    const folder = await runFolder();
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    await run(['report', folder, '--format', 'html,junit,markdown,text']);
    const files = await readdir(folder);
    expect(files).to.include.members([
      'events.ndjson',
      'run.json',
      'index.html',
      'junit.xml',
      'summary.md',
      'summary.txt',
    ]);
    for (const name of files) {
      expect((await stat(join(folder, name))).mode & 0o777, name).to.equal(0o600);
      const text = await readFile(join(folder, name), 'utf8');
      expect(text.replaceAll(/[\n\t]/g, ''), name).to.not.match(/[\p{Cc}\p{Cf}]/u);
    }
    expect(await readFile(join(folder, 'run.json'), 'utf8')).to.include('<script>alert(1)</script>');
  });

  it('run no script in the report, in a real browser', async function () {
    if (chromium === undefined) {
      process.stdout.write('  skipped: no chromium on this machine\n');
      this.skip();
    }
    const profile = mkdtempSync(join(tmpdir(), 'ipvet-chromium-'));
    try {
      const { stdout } = await promisify(execFile)(
        chromium,
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          `--user-data-dir=${profile}`,
          '--virtual-time-budget=3000',
          '--dump-dom',
          `file://${await runFolder()}/index.html`,
        ],
        { timeout: 60_000, maxBuffer: 64 << 20 },
      );
      expect(stdout).to.include('class="scripted"');
      expect(stdout).to.match(/<title>(PASS|FAIL|INCONCLUSIVE): /);
      expect(stdout.match(/<script/g)).to.have.length(1);
      expect(stdout).to.not.match(/<img|onerror="/);
      expect(stdout).to.include('&lt;script&gt;alert(1)');
    } finally {
      rmSync(profile, { recursive: true, force: true });
    }
  });

  it('a file of 10 MB in sysctl.d leaves what was read beside it unknown by name, not wrong', async () => {
    await root('director1', `head -c 10000000 /dev/zero | tr '\\0' a > /etc/sysctl.d/zz.conf`);
    try {
      const ended = await run(['check', '-i', clusterFile, '-o', out, '--timeout', '60s', '--json']);
      expect(ended.code, ended.stderr).to.equal(3);
      const open = outcomes(record(ended)).filter(
        ({ check, outcome }) => outcome === 'error' && check !== 'network/clock-offset',
      );
      const own = open.filter(({ host }) => host === 'director1');
      expect(own.length).to.be.above(0);
      for (const { reason } of own) expect(reason).to.match(/more than 1 MiB|not answered within/);
      // What is judged of another host by what the director says of itself is open too, and says whose word is missing.
      for (const one of open) expect(JSON.stringify(one)).to.include('director1');
    } finally {
      await root('director1', 'rm /etc/sysctl.d/zz.conf');
    }
  });

  it('secrets on a host reach no file, no stream and no report', async () => {
    const line = `net.ipv4.ip_forward=1\\n# token=${secret}\\n# http://ops:${secret}@proxy/\\n`;
    await root('director1', `printf '${line}' > /etc/sysctl.d/zz-secret.conf`);
    await root('rs1', `printf '10.10.10.99 password=${secret}\\n' >> /etc/hosts`);
    try {
      const ended = await run(['check', '-v', '-i', clusterFile, '-o', out, '--timeout', '60s']);
      expect(ended.stdout + ended.stderr).to.not.include(secret);
      const folder = await runFolder();
      for (const name of await readdir(folder))
        expect(await readFile(join(folder, name), 'utf8'), name).to.not.include(secret);
      expect(await readFile(join(folder, 'events.ndjson'), 'utf8')).to.include('[redacted]');
    } finally {
      await root('director1', 'rm /etc/sysctl.d/zz-secret.conf');
    }
  });

  it('a cluster file with commands where text may stand: asked for word for word, run by nobody', async () => {
    const file = await changed('metacharacters', (text) =>
      text
        .replace('http: /\n', "http: '/$(touch${IFS}/tmp/pwned);`id`&<b>|%0d%0a'\n")
        .replace('header: X-Real-Server', "header: X-Real-Server'`|$")
        .replace(/config: (.*)/, 'config: $1'),
    );
    const ended = await run(['accept', '-i', file, '-o', out, '--timeout', '60s', '--json']);
    inert(ended);
    // Every page answers; that nobody has the header leaves the shares to the director's counters.
    judgedAs(
      ended,
      ['rs1', 'rs2', 'rs3'].map((host) => `real-server/web-service@${host} warn`),
    );
    expect(record(ended).load.every(({ failed }) => failed === 0)).to.equal(true);
    expect(await rulesOn(lab)).to.equal(found);
  });

  it('a cluster file with options of ssh for names is refused before any host is touched', async () => {
    for (const [from, to] of [
      ['user: ops', 'user: "-oProxyCommand=touch${IFS}/tmp/pwned"'],
      ['- name: rs2\n', '- name: rs2\n    host: "-oProxyCommand=touch${IFS}/tmp/pwned"\n'],
      [/netns: .*/, 'netns: ../../x'],
      ['name: www.example.com', 'name: "-f/tmp/pwned"'],
    ] as const) {
      const file = await changed('option', (text) => text.replace(from, to));
      const ended = await run(['accept', '-i', file, '-o', join(out, 'none')]);
      expect(ended.code, ended.stderr).to.equal(2);
      inert(ended);
      expect(existsSync(join(out, 'none'))).to.equal(false);
    }
  });

  it('a cluster file of 50 MB is refused at once', async () => {
    const file = join(out, 'large.yaml');
    await writeFile(file, Buffer.alloc(50 << 20, '# x\n'));
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--max-old-space-size=100', 'bin/ipvet', 'check', '-i', file],
      {
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    expect(status, stderr).to.equal(2);
    expect(stderr).to.include('larger than 256 KiB');
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
