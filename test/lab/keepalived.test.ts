/** Rules that keepalived looks after, and rules that are kept over a reboot, on a director that runs the real programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { labUp, onHost, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'keepalived-test';
const director = 'root@director1';
const secret = 's3cr3tpw';

const realServer = (last: number) => `    real_server 10.10.10.${last} 80 {
        weight 1   # as bought
        TCP_CHECK {
            connect_timeout 2
        }
    }
`;
const conf = `vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass ${secret}
    }
    virtual_ipaddress {
        192.168.122.101/32
    }
}

virtual_server 192.168.122.100 80 {
    delay_loop 2
    lb_algo rr
    lb_kind NAT
    protocol TCP
${[10, 20, 30].map(realServer).join('')}}
`;

describe('rules on a director with keepalived', function () {
  this.timeout(400_000);
  let file = '';
  let out = '';

  const cluster = (name: string, change: (text: string) => string): string => {
    const variant = path.join(path.dirname(file), `${name}.yaml`);
    writeFileSync(variant, change(readFileSync(file, 'utf8')));
    return variant;
  };
  const byKeepalived = (text: string) => text.replace('managed_by: ipvsadm', 'managed_by: keepalived');
  const heavier = (text: string) => byKeepalived(text).replace('weight: 1', 'weight: 4');
  const rules = (inventory: string, ...args: string[]) => run(['-i', inventory, '-o', out, 'rules', ...args]);
  const put = (place: string, text: string, mode: number) =>
    onHost(
      lab,
      director,
      `umask 077; echo ${Buffer.from(text).toString('base64')} | base64 -d >${place} && chmod ${mode} ${place}`,
    );
  const confNow = () => onHost(lab, director, 'cat /etc/keepalived/keepalived.conf');

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(path.join(tmpdir(), 'ipvet-keepalived-'));
    file = await labUp(lab);
    const sudoers = await run(['-i', cluster('keepalived', byKeepalived), 'doctor', 'sudoers', '--host', 'director1']);
    expect(sudoers.code, sudoers.stderr).to.equal(0);
    // The lab has the rules of a cluster that ipvsadm manages, under the same names.
    await put('/etc/sudoers.d/keepalived', sudoers.stdout.replaceAll('IPVET_OPS', 'IPVET_KEEPALIVED'), 440);
    await put('/etc/keepalived/keepalived.conf', conf, 640);
    await onHost(
      lab,
      director,
      `systemctl start keepalived && for i in 1 2 3 4 5 6 7 8 9; do ipvsadm -Sn | grep -q 10.10.10.30 && break; sleep 1; done`,
    );
  });

  after(async () => {
    if (file !== '') await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  it('plans against all three: cluster file, keepalived.conf, kernel', async () => {
    await onHost(lab, director, 'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 7');
    const { code, stdout, stderr } = await rules(cluster('heavier', heavier), 'plan', '--json');
    expect(code, stderr).to.equal(0);
    const { directors } = JSON.parse(stdout) as { directors: { drift: unknown[]; changes: unknown[] }[] };
    expect(directors[0]?.changes).to.have.length(1);
    expect(JSON.stringify(directors[0]?.drift))
      .to.contain('{"field":"weight","values":{"declared":4,"conf":1,"kernel":1}}')
      .and.contain('{"field":"weight","values":{"declared":1,"conf":1,"kernel":7}}');
    expect(stdout + stderr).to.not.contain(secret);
    await onHost(lab, director, 'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1');
  });

  it('refuses to edit behind its back', async () => {
    const before = await rulesOn(lab);
    const { code, stderr } = await rules(
      cluster('wrr', (text) => text.replace('scheduler: rr', 'scheduler: wrr')),
      'apply',
    );
    expect(code, stderr).to.equal(5);
    expect(stderr)
      .to.match(/keepalived runs as process \d+/)
      .and.contain('keepalived.conf line 15');
    expect(await rulesOn(lab)).to.equal(before);
  });

  it('changes a weight by way of keepalived.conf; connections live on; rollback leads back', async () => {
    const before = await rulesOn(lab);
    const connection = held();
    try {
      await connection.answered;
      const inventory = cluster('heavier', heavier);
      const applied = await rules(inventory, 'apply');
      expect(applied.code, applied.stderr).to.equal(0);
      expect(applied.stdout)
        .to.contain('-        weight 1   # as bought')
        .and.contain('+        weight 4   # as bought');
      expect(applied.stdout + applied.stderr).to.not.contain(secret);
      expect(await confNow()).to.equal(conf.replace('weight 1 ', 'weight 4 '));
      expect(await rulesOn(lab)).to.contain('10.10.10.10:80 -m -w 4');
      expect(await onHost(lab, director, 'stat -c %a /etc/keepalived/keepalived.conf; ls /var/tmp')).to.equal('640\n');
      const again = await rules(inventory, 'apply');
      expect(again.stdout, again.stderr).to.contain('director1: as declared');
      const back = await rules(inventory, 'rollback');
      expect(back.code, back.stderr).to.equal(0);
      expect(await confNow()).to.equal(conf);
      expect(await rulesOn(lab)).to.equal(before);
    } finally {
      const { answers, closed } = await connection.end();
      expect(closed, 'the connection was cut').to.equal(false);
      expect(answers).to.be.greaterThan(2);
    }
  });

  it('puts nothing in place that keepalived refuses', async () => {
    const before = await rulesOn(lab);
    // A line of a health check that is longer than keepalived reads.
    const other = `  - name: other
    vip: 192.168.122.100
    port: 81
    forwarding: nat
    health: { http: /${'long/'.repeat(1000)} }
    real_servers: all`;
    const broken = cluster('broken', (text) =>
      byKeepalived(text).replace('  - name: web\n', `${other}\n  - name: web\n`),
    );
    const { code, stderr } = await rules(broken, 'apply');
    expect(code, stderr).to.equal(5);
    expect(stderr).to.contain('keepalived on director1 refuses the new configuration');
    expect(await confNow()).to.equal(conf);
    expect(await rulesOn(lab)).to.equal(before);
  });

  it('refuses a director that kube-proxy has', async () => {
    const before = await rulesOn(lab);
    await onHost(lab, director, 'ip link add kube-ipvs0 type bridge');
    try {
      const { code, stderr } = await rules(cluster('heavier', heavier), 'apply');
      expect(code, stderr).to.equal(5);
      expect(stderr).to.contain('kube-ipvs0');
      expect(await rulesOn(lab)).to.equal(before);
      expect(await confNow()).to.equal(conf);
    } finally {
      await onHost(lab, director, 'ip link del kube-ipvs0');
    }
  });

  it('has nothing to save while keepalived makes the rules, and refuses keepalived when none runs', async () => {
    const inventory = cluster('keepalived', byKeepalived);
    const saved = await rules(inventory, 'save');
    expect([saved.code, saved.stdout]).to.deep.equal([0, saved.stdout]);
    expect(saved.stdout).to.contain('nothing to save');
    await onHost(lab, director, 'systemctl stop keepalived');
    const { code, stderr } = await rules(inventory, 'apply');
    expect(code, stderr).to.equal(5);
    expect(stderr).to.contain('no keepalived runs');
  });

  it('keeps rules over a restart, thresholds too, and takes that back', async () => {
    // update-rc.d leaves links that start nothing (K01ipvsadm) where there were none.
    const files = 'cat /etc/ipvsadm.rules /etc/default/ipvsadm; systemctl is-enabled ipvsadm 2>/dev/null || true';
    const before = await onHost(lab, director, files);
    await onHost(lab, director, 'systemctl stop keepalived; ipvsadm -C');
    expect((await rules(file, 'apply')).code).to.equal(0);
    await onHost(lab, director, 'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1 -x 50 -y 20');
    const seen = 'ipvsadm -Sn; ipvsadm -Ln --thresholds';
    const rulesThen = await onHost(lab, director, seen);
    const saved = await rules(file, 'save');
    expect(saved.code, saved.stderr).to.equal(0);
    expect(saved.stdout).to.contain('+-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1 -x 50 -y 20');
    // The lab has no generator that makes a unit of the init script, so the script is run as that unit would run it.
    const start =
      'ipvsadm -C; SYSTEMCTL_SKIP_REDIRECT=1 _SYSTEMCTL_SKIP_REDIRECT=1 /etc/init.d/ipvsadm start >/dev/null';
    expect(await onHost(lab, director, `${start}; ${seen}`)).to.equal(rulesThen);
    expect((await rules(file, 'save')).stdout).to.contain('has the rules as they are');
    const back = await rules(file, 'rollback');
    expect(back.code, back.stderr).to.equal(0);
    expect(await onHost(lab, director, files)).to.equal(before);
  });
});

/** One connection from the client to the VIP, with a request every second. */
function held(): { answered: Promise<void>; end: () => Promise<{ answers: number; closed: boolean }> } {
  const program = `
    const socket = require('node:net').connect(80, '192.168.122.100');
    let answers = 0, closed = false;
    socket.on('data', (piece) => { answers += String(piece).split('HTTP/1.1 200').length - 1; console.log(JSON.stringify({ answers, closed })); });
    socket.on('close', () => { closed = true; console.log(JSON.stringify({ answers, closed })); });
    socket.on('error', () => {});
    const ask = () => closed || socket.write('GET / HTTP/1.1\\r\\nHost: www.example.com\\r\\n\\r\\n');
    ask();
    setInterval(ask, 1000);
    process.stdin.on('end', () => process.exit()).resume();
  `;
  const child: ChildProcess = spawn('ip', ['netns', 'exec', `ipvet-${lab}-client1`, process.execPath, '-e', program]);
  let said = '';
  let answeredOnce: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answeredOnce = resolve;
  });
  child.stdout?.on('data', (piece: Buffer) => {
    said += piece.toString();
    answeredOnce();
  });
  return {
    answered,
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          const last = said.trim().split('\n').at(-1) ?? '{}';
          resolve({ answers: 0, closed: true, ...(JSON.parse(last) as object) });
        });
        child.stdin?.end();
      }),
  };
}
