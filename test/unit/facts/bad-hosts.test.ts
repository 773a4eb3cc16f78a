/**
 * Hosts that are not as one would like them. Each costs just the facts that needed what is wrong there, with the reason;
 * the rest is had. What an ssh server does wrong is in test/ssh/hostile.test.ts.
 */
import { existsSync } from 'node:fs';

import { expect } from 'chai';

import { collectFacts, type HostReport } from '../../../lib/facts/collect.ts';
import type { FactQuestions } from '../../../lib/facts/questions.ts';
import type { HostFactName } from '../../../lib/model/facts.ts';
import { transcript } from '../parse/transcript.ts';
import { someQuestions } from './a-section.ts';
import { type ShellHost, shellHost, type ShellHostOptions } from './shell-host.ts';

const isRoot = process.getuid?.() === 0;
const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
const ipFacts: readonly HostFactName[] = ['links', 'addresses', 'routes', 'neighbours'];
/** They need neither ip nor root, and every machine that runs the tests has them. */
const plain: readonly HostFactName[] = ['os', 'hostname', 'sysctl', 'limits', 'machineId', 'clock', 'modules'];

describe('a host that is not as one would like it', function () {
  this.timeout(60_000);
  const hosts: ShellHost[] = [];

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(() => Promise.all(hosts.map((host) => host.close())));

  async function collect(
    facts: readonly HostFactName[],
    options: ShellHostOptions & { readonly timeoutMs?: number } = {},
    change: Partial<FactQuestions> = {},
  ): Promise<HostReport['facts']> {
    const host = await shellHost(options);
    hosts.push(host);
    const questions = someQuestions({
      facts,
      sysctlKeys: ['net.ipv4.ip_forward', 'net.ipv6.conf.*.disable_ipv6'],
      routesTo: [{ destination: '127.0.0.1' }, { destination: '127.0.0.1', from: '127.0.0.1' }],
      ownAddresses: ['127.0.0.1'],
      ...change,
    });
    const { timeoutMs = 30_000 } = options;
    return (await collectFacts(host, questions, { signal: new AbortController().signal, timeoutMs })).facts;
  }

  const had = (report: HostReport['facts'], facts: readonly HostFactName[]): void => {
    for (const fact of facts) expect(report[fact]?.known, `${fact}: ${JSON.stringify(report[fact])}`).to.equal(true);
  };
  const reason = (report: HostReport['facts'], fact: HostFactName): string => {
    const found = report[fact];
    return found?.known === false ? found.reason : 'known';
  };

  it('has an ip without JSON', async () => {
    const ip =
      'case " $* " in *" -j "*) echo "Option \\"-j\\" is unknown, try \\"ip -help\\"." >&2; exit 255 ;; esac; exec /sbin/ip "$@"';
    const found = await collect([...ipFacts, ...plain], { programs: { ip } });
    had(found, [...ipFacts, ...plain]);
    expect(found.links)
      .to.have.property('value')
      .that.deep.includes({ name: 'lo', mtu: 65536, up: true, noArp: false });
    expect(found.routes).to.have.nested.property('value[1].outcome', 'local');
  });

  it('has the ip of busybox', async function () {
    const ip = 'case $1 in -o) shift; exec busybox ip -o "$@" ;; *) echo "BusyBox: unknown option" >&2; exit 1 ;; esac';
    const found = await collect([...ipFacts, ...plain], { programs: { ip } });
    if (reason(found, 'links') !== 'known') this.skip();
    had(found, ['links', 'addresses', 'routes', ...plain]);
    // Its ip may be built without neighbours.
    expect(reason(found, 'neighbours')).to.be.oneOf(['known', 'command-failed']);
  });

  it('has no shell but that of busybox', async function () {
    const found = await collect([...ipFacts, ...plain], { prefix: ['busybox'] });
    if (found.os?.known !== true) this.skip();
    had(found, [...ipFacts, ...plain]);
  });

  it('has bash for sh', async () => {
    const found = await collect([...ipFacts, ...plain], { prefix: ['bash', '-c', 'shift; exec bash "$@"', 'bash'] });
    had(found, [...ipFacts, ...plain]);
  });

  it('speaks another language, whatever its profile sets', async () => {
    const ip =
      'if [ "$LC_ALL" != C ] || [ -n "$LANGUAGE" ]; then echo "RTNETLINK antwortet: $LC_ALL" >&2; exit 2; fi; exec /sbin/ip "$@"';
    const found = await collect(ipFacts, {
      prefix: ['env', 'LANG=de_DE.UTF-8', 'LC_ALL=de_DE.UTF-8', 'LC_MESSAGES=de_DE.UTF-8', 'LANGUAGE=de'],
      programs: { ip },
    });
    had(found, ipFacts);
  });

  it('has no iproute2 at all', async () => {
    const found = await collect([...ipFacts, ...plain], { programs: { ip: 'exit 127' } });
    for (const fact of ipFacts) {
      expect(found[fact]).to.deep.include({ known: false, reason: 'tool-absent', message: 'lb1: ip is not installed' });
    }
    had(found, plain);
  });

  it('refuses netlink to ip', async () => {
    const ip = 'echo "Cannot open netlink socket: Operation not permitted" >&2; exit 1';
    const found = await collect([...ipFacts, ...plain], { programs: { ip } });
    for (const fact of ipFacts) expect(reason(found, fact), fact).to.equal('command-failed');
    expect(found.links).to.have.property('message').that.includes('Cannot open netlink socket');
    had(found, plain);
  });

  it('hangs in ip', async () => {
    const found = await collect([...ipFacts, ...plain], { programs: { ip: 'exec sleep 60' }, timeoutMs: 3000 });
    for (const fact of ipFacts) expect(reason(found, fact), fact).to.equal('deadline');
    had(found, plain);
  });

  it('prints 100 MB, in one answer and in many', async () => {
    const ss = `exec dd if=/dev/zero bs=1048576 count=100 status=none`;
    const ip = `/sbin/ip "$@"; exec dd if=/dev/zero bs=1048576 count=100 status=none`;
    const found = await collect(['listeners', ...ipFacts, ...plain], { programs: { ss }, timeoutMs: 40_000 });
    expect(reason(found, 'listeners')).to.equal('unparsable');
    expect(found.listeners).to.have.property('message').that.includes('more than 1 MiB');
    expect(JSON.stringify(found.listeners)).to.have.length.below(200_000);
    had(found, [...ipFacts, ...plain]);
    const flooded = await collect([...ipFacts, ...plain], { programs: { ip }, timeoutMs: 40_000 });
    // What came before the flood is there.
    had(flooded, ['links', 'addresses', ...plain]);
  });

  it('has a table of neighbours without end', async () => {
    const row = '{"dst":"10.0.0.1","dev":"eth0","lladdr":"02:00:00:00:00:01","state":["STALE"]},';
    const ip = `a=$(/sbin/ip "$@"); printf '%s\\n' "$a" | sed '$d'; printf '['; yes '${row}' | head -n 20000 | tr -d '\\n'; printf '{}]\\n'`;
    const found = await collect([...ipFacts, ...plain], { programs: { ip } });
    expect(reason(found, 'neighbours')).to.equal('unparsable');
    had(found, ['links', 'addresses', 'routes', ...plain]);
  });

  it('has a clock that is a year off, which is a reading and no error', async () => {
    const date = 'exec /bin/date -d "1 year ago" "$@"';
    const { clock } = await collect(['clock'], { programs: { date } });
    if (clock?.known !== true) throw new Error(clock?.message);
    const days = clock.value.offsetMs / 86_400_000;
    expect(days).to.be.within(-366.5, -364.5);
  });

  it('has no IPv6', async () => {
    const ip = `if [ "$2" = -j ]; then printf '%s\\n' '[{"ifname":"lo","flags":["UP"],"mtu":65536,"addr_info":[]}]'; echo "RTNETLINK answers: Operation not supported" >&2; echo "Command failed -:2" >&2; exit 1; fi`;
    const found = await collect(
      ['links', 'addresses', 'routes', 'sysctl'],
      { programs: { ip } },
      { routesTo: [{ destination: '2001:db8::1' }], sysctlKeys: ['net.ipv6.conf.no_such_interface.disable_ipv6'] },
    );
    expect(found.routes)
      .to.have.property('value')
      .that.deep.equals([{ destination: '2001:db8::1', outcome: 'no-route' }]);
    had(found, ['links', 'addresses']);
    // A key the kernel does not have is absent, not wrong.
    expect(found.sysctl).to.have.property('value').that.deep.equals({});
  });

  it('keeps parts of /proc to itself, as containers do', async function () {
    if (!isRoot) this.skip();
    const script =
      'mount -t tmpfs none /proc/sys/net 2>/dev/null || exit 77; mount --bind /dev/null /proc/modules 2>/dev/null; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
    const found = await collect([...ipFacts, ...plain], { prefix: ['unshare', '--mount', 'sh', '-c', script, 'sh'] });
    if (found.os?.known !== true) this.skip();
    expect(found.sysctl).to.have.property('value').that.deep.equals({});
    expect(reason(found, 'limits')).to.equal('unsupported');
    had(found, [...ipFacts, 'os', 'hostname', 'machineId', 'clock']);
  });

  it('has a restricted shell for its users, with sh among the programs it allows or without', async () => {
    // Without --norc bash reads the developer's ~/.bashrc: it takes the socket on its input for a remote shell's.
    const restricted = ['/bin/bash', '--norc', '-r', '-c', '"$@"', 'rbash'];
    had(await collect([...ipFacts, ...plain], { prefix: restricted }), [...ipFacts, ...plain]);
    const found = await collect(plain, { prefix: ['/usr/bin/env', 'PATH=/nonexistent', ...restricted] });
    for (const fact of plain) expect(reason(found, fact), fact).to.equal('command-failed');
    expect(found.os).to.have.property('message').that.includes('exit code 127');
    expect(found.os).to.have.property('hint').that.includes('sh: command not found');
  });

  it('asks for a password before it lets anybody be root', async () => {
    const sudo = 'echo "sudo: a password is required" >&2; exit 1';
    const nft = 'echo "{}"';
    const found = await collect(['firewall', ...ipFacts, ...plain], { prefix: asNobody, programs: { sudo, nft } });
    expect(found.firewall).to.deep.include({ known: false, reason: 'permission' });
    had(found, [...ipFacts, ...plain]);
  });

  it('has a profile that prints on both streams', async () => {
    const noise = 'echo "[{\\"ifname\\":\\"evil0\\"}]"; echo "Command failed -:1" >&2; exec "$@"';
    const found = await collect([...ipFacts, ...plain], { prefix: ['sh', '-c', noise, 'sh'] });
    had(found, [...ipFacts, ...plain]);
    expect(JSON.stringify(found.links)).not.to.include('evil0');
  });

  it('has programs that print nonsense', async () => {
    const facts: readonly HostFactName[] = ['listeners', 'offloads', 'links', 'addresses', 'neighbours', 'routes'];
    const found = await collect([...facts, ...plain], {
      programs: { ip: 'echo "[{\\"ifname\\":3}]"', ss: 'echo nonsense', ethtool: 'echo nonsense' },
    });
    for (const fact of ['listeners', ...ipFacts] satisfies HostFactName[])
      expect(reason(found, fact), fact).to.equal('unparsable');
    had(found, plain);
  });
});

describe('facts asked of single programs', function () {
  this.timeout(30_000);
  const hosts: ShellHost[] = [];
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  after(() => Promise.all(hosts.map((host) => host.close())));

  async function factsOf(
    programs: Readonly<Record<string, string>>,
    change: Partial<FactQuestions>,
  ): Promise<HostReport['facts']> {
    const host = await shellHost({ programs });
    hosts.push(host);
    const questions = someQuestions(change);
    return (await collectFacts(host, questions, { signal: new AbortController().signal, timeoutMs: 20_000 })).facts;
  }

  const ethtool = `[ "$1" = -k ] || exit 9; echo "$2" >>"\${0%/*}/asked"; printf 'Features for %s:\\ntx-checksumming: on\\ngeneric-receive-offload: on\\nlarge-receive-offload: off [fixed]\\n' "$2"`;

  it('are the offloads of the interface that carries each declared address, asked once', async () => {
    const json = transcript('ip-d-j-batch.txt').split('\n')[0] ?? '';
    const ip = `cat <<'END'\n${json}\nEND`;
    const { offloads } = await factsOf(
      { ip, ethtool },
      {
        facts: ['offloads'],
        ownAddresses: ['192.168.122.11', '192.168.122.12', '2001:db8::11', '192.168.122.100', '192.168.122.1'],
      },
    );
    // The VIP is on lo there, and the last address nowhere.
    expect(offloads)
      .to.have.property('value')
      .that.deep.equals([{ interface: 'eth0', largeReceive: false, genericReceive: true, transmitChecksum: true }]);
  });

  it('are missing by name without ethtool', async function () {
    if (existsSync('/usr/sbin/ethtool') || existsSync('/sbin/ethtool')) this.skip();
    const { offloads } = await factsOf({}, { facts: ['offloads'], ownAddresses: ['127.0.0.1'] });
    expect(offloads).to.deep.include({ known: false, reason: 'tool-absent', message: 'lb1: ethtool is not installed' });
  });

  it('are what the package manager has, where ipvsadm is not there to be run', async () => {
    const offer = (text: string) => factsOf({ 'apt-cache': text }, { facts: ['packageOffer'] });
    const { packageOffer } = await offer('echo "asked" >&2; exit 9');
    // Where ipvsadm is there nobody asks.
    const installed = existsSync('/usr/sbin/ipvsadm') || existsSync('/sbin/ipvsadm');
    expect(JSON.stringify(packageOffer).includes('asked')).to.equal(!installed);
    expect(packageOffer).to.have.property('value').that.deep.equals({ manager: 'apt', offers: {} });
  });
});
