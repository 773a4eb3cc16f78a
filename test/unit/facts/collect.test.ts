/** The whole script, run on this machine. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

import { IpvetError } from '../../../lib/errors.ts';
import { collectFacts, type HostReport, unreachableReport } from '../../../lib/facts/collect.ts';
import { collectors } from '../../../lib/facts/index.ts';
import type { FactQuestions } from '../../../lib/facts/questions.ts';
import type { HostFactName } from '../../../lib/model/facts.ts';
import { someQuestions } from './a-section.ts';
import { dial } from './dialling.ts';
import { type ShellHost, shellHost, type ShellHostOptions } from './shell-host.ts';

const isRoot = process.getuid?.() === 0;
/** Takes root away where the tests have it. */
const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
/** Two packet filters, one with a table; and ipvsadm, without which no sudo rule for it is missed. */
const tools = {
  ipvsadm: 'exit 1',
  nft: `echo '{"nftables": [{"table": {"family": "ip", "name": "filter"}}]}'`,
  'iptables-save': 'exit 0',
};
/** A sudo that says this when it is asked what it allows, and then allows everything. */
const saying = (text: string) => ({
  sudo: `[ "$1" = -n ] || exit 9; shift
if [ "$1" = -l ]; then cat <<'END'\n${text}\nEND\nexit 0; fi
exec "$@"`,
});
const listing = (...commands: string[]) =>
  saying(
    `User ops may run:\n\nSudoers entry:\n    RunAsUsers: root\n    Options: !authenticate\n    Commands:\n${commands.map((command) => `\t${command}`).join('\n')}`,
  );
const everything = collectors.map(({ fact }) => fact);

describe('facts of a host', function () {
  this.timeout(60_000);
  let page: Server;
  let url = '';
  const hosts: ShellHost[] = [];

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    page = createServer((_, response) => response.setHeader('X-Real-Server', 'rs1').end('rs1\n'));
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;
  });

  after(async () => {
    page.close();
    await Promise.all(hosts.map((host) => host.close()));
  });

  async function collect(
    change: Partial<FactQuestions>,
    options: ShellHostOptions & { readonly timeoutMs?: number } = {},
  ): Promise<{ readonly report: HostReport; readonly host: ShellHost }> {
    const host = await shellHost(options);
    hosts.push(host);
    const { timeoutMs = 30_000 } = options;
    const questions = someQuestions({
      facts: everything,
      sysctlKeys: ['net.ipv4.ip_forward', 'net.ipv4.no_such_key'],
      ...change,
    });
    const report = await collectFacts(host, questions, { signal: new AbortController().signal, timeoutMs });
    return { report, host };
  }

  it('come in one round trip, each of them, whatever banners and profiles print', async () => {
    const noise = 'echo "Welcome"; echo "@ipvet-0 1 b os"; echo warning >&2; "$@"; c=$?; echo bye; exit $c';
    const { report, host } = await collect(
      {
        routesTo: [{ destination: '127.0.0.1' }],
        httpGets: [{ url, timeoutMs: 5000 }],
        names: [{ name: 'localhost' }],
      },
      { prefix: ['sh', '-c', noise, 'sh'], dial },
    );
    expect(host.ran).to.have.length(1);
    expect(Object.keys(report.facts)).to.have.members(everything);
    const { os, sysctl, routes, addresses, httpProbes, names, clock, limits } = report.facts;
    expect(os).to.have.nested.property('value.kernel').that.is.a('string').and.is.not.empty;
    expect(sysctl).to.have.property('value').that.has.all.keys('net.ipv4.ip_forward');
    expect(routes).to.have.nested.property('value[0].outcome', 'local');
    expect(addresses).to.have.property('value').that.deep.includes({
      interface: 'lo',
      family: 'ipv4',
      address: '127.0.0.1',
      prefixLength: 8,
      up: true,
      scope: 'host',
    });
    expect(httpProbes)
      .to.have.nested.property('value[0]')
      .that.deep.includes({ outcome: 'answered', status: 200, body: 'rs1' });
    expect(names).to.have.property('value').that.is.an('array').with.length(1);
    expect(limits).to.have.nested.property('value.openFiles').that.is.a('number').above(0);
    if (clock?.known !== true) throw new Error(clock?.message);
    // This machine against itself: the truth, 0, lies within the bound.
    expect(Math.abs(clock.value.offsetMs)).to.be.at.most(clock.value.errorMs);
    expect(report.raw.map(({ fact }) => fact)).to.have.members(everything);
  });

  it('have their pages fetched by a program where sshd makes no connection', async () => {
    const untried = () => Promise.resolve({ untried: 'administratively prohibited' });
    const { report, host } = await collect({ httpGets: [{ url, timeoutMs: 5000 }] }, { dial: untried });
    expect(host.ran).to.have.length(2);
    expect(host.ran[0]?.join(' ')).not.to.contain('curl -q');
    const { httpProbes } = report.facts;
    expect(httpProbes).to.have.nested.property('value[0]').that.deep.includes({ outcome: 'answered', body: 'rs1' });
    expect(httpProbes).to.have.nested.property('value[0].connectMs').that.is.a('number');
  });

  it('hold no page that came over a connection which was lost', async () => {
    const lost = new IpvetError('SSH_CLOSED', 'rs1: the connection was lost');
    const host = { ...(await shellHost({ dial })), exec: () => Promise.reject(lost) };
    hosts.push(host);
    const questions = someQuestions({ facts: ['httpProbes'], httpGets: [{ url, timeoutMs: 5000 }] });
    const { facts } = await collectFacts(host, questions, { signal: new AbortController().signal });
    expect(facts.httpProbes).to.include({ known: false, reason: 'unreachable' });
  });

  it('are read side by side from several pages', async () => {
    const { port } = page.address() as AddressInfo;
    const httpGets = [
      { url, timeoutMs: 5000 },
      { url: 'http://127.0.0.1:1/', timeoutMs: 5000 },
      { url: `http://127.0.0.1:${port}/other`, hostHeader: "www.example.com'", timeoutMs: 5000 },
    ];
    const { report } = await collect({ facts: ['httpProbes'], httpGets });
    const { httpProbes } = report.facts;
    if (httpProbes?.known !== true) throw new Error(httpProbes?.message);
    expect(httpProbes.value.map(({ url: of, outcome }) => [of, outcome])).to.deep.equal([
      [httpGets[0]?.url, 'answered'],
      [httpGets[1]?.url, 'refused'],
      [httpGets[2]?.url, 'answered'],
    ]);
  });

  it('are had without root but for those that need it, with what sudo said', async () => {
    const sudo = 'echo "sudo: unable to resolve host lb1" >&2; echo "sudo: a password is required" >&2; exit 1';
    const { report, host } = await collect({}, { prefix: asNobody, programs: { ...tools, sudo } });
    const missing = everything.filter((fact) => report.facts[fact]?.known !== true);
    // This machine need not have IPVS, SELinux, ethtool or a name that arping knows.
    const ofThisMachine = ['ipvsTable', 'selinuxDenials', 'offloads', 'vipCensus', 'savedRules'];
    const ofPairs = ['keepalived', 'keepalivedConf', 'keepalivedTest', 'keepalivedJournal', 'connectionSync'];
    expect(missing.filter((fact) => ![...ofThisMachine, ...ofPairs].includes(fact))).to.have.members(
      existsSync('/proc/net/ip_vs') ? ['firewall', 'ipvsRules'] : ['firewall'],
    );
    expect(report.facts.ipvsTable?.known).to.equal(existsSync('/proc/net/ip_vs'));
    expect(report.facts.firewall).to.deep.include({ known: false, reason: 'permission' });
    expect(report.facts.firewall).to.have.property('message').that.includes('sudo: a password is required');
    expect(report.facts.firewall).to.have.property('hint').that.includes('ipvet doctor sudoers --host lb1');
    const { privilege } = report.facts;
    if (privilege?.known !== true) throw new Error(privilege?.message);
    expect(privilege.value).to.include({
      user: 'ops',
      level: 'unprivileged',
      sudoMessage: 'sudo: a password is required',
    });
    expect(privilege.value.missing?.map(({ command }) => command)).to.include.members(['ipvsadm -Sn', 'ipvsadm -R']);
    expect(host.ran).to.have.length(1);
  });

  it('are read as root by exactly the programs that sudo lists, and no other one is tried', async () => {
    const { report, host } = await collect(
      { facts: ['privilege', 'os', 'firewall'] },
      { prefix: asNobody, programs: { ...tools, ...listing('/usr/sbin/nft -j list ruleset', '/sbin/ipvsadm') } },
    );
    expect(host.ran).to.have.length(1);
    const { privilege, firewall, os } = report.facts;
    expect(os?.known).to.equal(true);
    expect(firewall).to.deep.include({ known: false, reason: 'permission' });
    expect(firewall)
      .to.have.property('message')
      .that.matches(/sudo does not let ops run iptables-save -c$/);
    if (privilege?.known !== true) throw new Error(privilege?.message);
    expect(privilege.value.level).to.equal('unprivileged');
    const missing = privilege.value.missing ?? [];
    expect(missing.find(({ command }) => command === 'iptables-save -c')).to.deep.equal({
      tier: 'read',
      command: 'iptables-save -c',
      rule: 'ops ALL=(root) NOPASSWD: /usr/sbin/iptables-save -c, /sbin/iptables-save -c',
      needed: true,
    });
    const commands = missing.map(({ command }) => command);
    expect(commands).not.to.include('nft -j list ruleset');
    expect(commands).not.to.include('ipvsadm -R');
  });

  it('are all had where sudo allows what is asked', async () => {
    const { report } = await collect(
      { facts: ['privilege', 'firewall'] },
      { prefix: asNobody, programs: { ...tools, ...listing('ALL') } },
    );
    expect(report.facts.privilege).to.have.property('value').that.deep.equals({
      user: 'ops',
      level: 'root',
      missing: [],
    });
    expect(report.facts.firewall?.known, JSON.stringify(report.facts.firewall)).to.equal(true);
  });

  it('are tried where what sudo lists is not understood', async () => {
    const { report } = await collect(
      { facts: ['privilege', 'firewall'] },
      { prefix: asNobody, programs: { ...tools, ...saying('may: everything') } },
    );
    expect(report.facts.privilege).to.have.nested.property('value.level', 'root');
    expect(report.facts.firewall?.known).to.equal(true);
  });

  it('do without sudo where the cluster file says so', async () => {
    const sudo = 'echo touched >&2; shift; exec "$@"';
    const { report } = await collect(
      { facts: ['privilege', 'firewall'], become: 'none' },
      { prefix: asNobody, programs: { ...tools, sudo } },
    );
    expect(report.facts.privilege).to.have.property('value').that.deep.equals({ user: 'ops', level: 'unprivileged' });
    expect(report.facts.firewall)
      .to.have.property('message')
      .that.matches(/the cluster file says become: none$/);
  });

  it('leave sudo alone where none of them needs root', async () => {
    const { report } = await collect(
      { facts: ['os', 'httpProbes'], httpGets: [{ url, timeoutMs: 5000 }] },
      { prefix: asNobody, programs: { sudo: 'exec sleep 60' }, timeoutMs: 10_000 },
    );
    expect(report.facts.httpProbes?.known).to.equal(true);
  });

  it('are asked for in the same words every time', async () => {
    const first = await collect({});
    const second = await collect({});
    expect(first.host.ran).to.deep.equal(second.host.ran);
  });

  it('are not lost with one that hangs, nor with all that come after it', async () => {
    const { report, host } = await collect(
      { facts: ['os', 'listeners', 'limits', 'clock', 'sshTrust'] },
      { programs: { ss: 'exec sleep 60' }, timeoutMs: 3000 },
    );
    expect(host.ran).to.have.length(2);
    expect(report.facts.listeners).to.deep.include({ known: false, reason: 'deadline' });
    for (const fact of ['os', 'limits', 'clock', 'sshTrust'] satisfies HostFactName[]) {
      expect(report.facts[fact]?.known, fact).to.equal(true);
    }
  });

  it('are had without root when sudo itself hangs', async () => {
    const { report } = await collect(
      { facts: ['privilege', 'os', 'firewall'] },
      { prefix: asNobody, programs: { ...tools, sudo: 'exec sleep 60' }, timeoutMs: 3000 },
    );
    expect(report.facts.os?.known).to.equal(true);
    expect(report.facts.firewall).to.deep.include({ known: false, reason: 'permission' });
  });

  it('are missing by name when a tool is', async () => {
    const { report } = await collect({ facts: ['addresses', 'os'] }, { programs: { ip: 'exit 127' } });
    expect(report.facts.addresses).to.deep.include({
      known: false,
      reason: 'tool-absent',
      message: 'lb1: ip is not installed',
    });
    expect(report.facts.addresses).to.have.property('hint').that.includes('iproute2');
    expect(report.facts.os?.known).to.equal(true);
  });

  it('are missing as unparsable, with what was printed, when a tool prints something else', async () => {
    const { report } = await collect({ facts: ['listeners'] }, { programs: { ss: 'echo "LISTEN drei"' } });
    expect(report.facts.listeners).to.deep.include({ known: false, reason: 'unparsable' });
    expect(report.facts.listeners).to.have.nested.property('evidence.output', 'LISTEN drei\n');
  });

  it('are read from an ss that cannot leave its heading out', async () => {
    const ss = `case $1 in *H*) echo "ss: invalid option -- 'H'" >&2; exit 255 ;; esac
echo 'Netid State      Recv-Q Send-Q Local Address:Port               Peer Address:Port'
echo 'tcp   LISTEN     0      128       *:80                    *:*'
echo 'tcp   LISTEN     0      128      :::22                   :::*'`;
    const { report } = await collect({ facts: ['listeners'] }, { programs: { ss } });
    expect(report.facts.listeners).to.have.deep.property('value', [
      { address: '*', port: 80, queued: 0, backlog: 128 },
      { address: '*', port: 22, queued: 0, backlog: 128 },
    ]);
  });

  it('are missing as a failed command when the shell does not start', async () => {
    const { report } = await collect(
      { facts: ['os'] },
      { prefix: ['sh', '-c', 'echo "This account is not available."; exit 1'] },
    );
    expect(report.facts.os).to.deep.include({ known: false, reason: 'command-failed' });
  });

  it('are given up when the run is interrupted', async () => {
    const host = await shellHost({ programs: { ss: 'exec sleep 60' } });
    hosts.push(host);
    const questions = someQuestions({ facts: ['listeners'] });
    const signal = AbortSignal.timeout(500);
    const error = await collectFacts(host, questions, { signal }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(IpvetError).with.property('code', 'ABORTED');
  });
});

describe('facts of a host that was not reached', () => {
  it('are all missing, for its reason', () => {
    const error = new IpvetError('SSH_TIMEOUT', 'rs1: no answer', { hint: 'Is it up?' });
    const { facts } = unreachableReport('rs1', someQuestions({ facts: ['os', 'routes'] }), error);
    const gap = { known: false, reason: 'unreachable', message: 'rs1: no answer', hint: 'Is it up?' };
    expect(facts).to.deep.equal({ os: gap, routes: gap });
  });
});
