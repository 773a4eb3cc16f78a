/**
 * What is to last, for each program that brings interfaces up: its files are read as facts are, the lines are run on them,
 * and what they come to is read again.
 */
import { expect } from 'chai';
import { withdrawAddress, changePrefix, keepOwn } from '../../../checks/lasting-edits.ts';
import {
  keepAddress,
  keepDeprecated,
  keepGateway,
  keepLink,
  keepMainTableRule,
  keepReceiveOffloadOff,
  keepRoute,
} from '../../../checks/lasting-network.ts';
import { lasting, type Lasting } from '../../../checks/lasting-places.ts';
import { keepAlone } from '../../../checks/lasting-remedies.ts';
import { givenAtBoot, ownerOf } from '../../../checks/persisted-network.ts';
import type { PersistedNetwork } from '../../../lib/model/facts.ts';
import { parsePersistedNetwork } from '../../../lib/parse/persisted-network.ts';
import { LastingHost, linesOf } from './lasting-host.ts';

const vip = '192.168.122.100';
const six = 'fd00::100';
const rip = '192.168.122.11';
const gateway = '192.168.122.254';
const scripts = '/etc/sysconfig/network-scripts';

type Files = Readonly<Record<string, string>>;

/** One host of each kind; `eth0` has the RIP and a gateway. */
const hosts = {
  interfaces: {
    '/etc/network/interfaces': `auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n    address ${rip}/24\n    gateway ${gateway}\n`,
    // On every host with systemd.
    '/usr/lib/systemd/network/80-wifi-adhoc.network': '[Match]\nType=wlan\n\n[Network]\nDHCP=yes\n',
    '/usr/lib/systemd/network/89-ethernet.network': '[Match]\nName=eth*\n\n[Network]\nDHCP=yes\n',
  },
  networkd: {
    '/etc/systemd/network/10-lan.network': `[Match]\nName=eth*\n\n[Network]\nAddress=${rip}/24\nGateway=${gateway}\n`,
  },
  netplan: {
    // The folder comes with systemd.
    '/etc/systemd/network/README': '',
    '/etc/netplan/50-cloud-init.yaml': `network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [${rip}/24]\n`,
    '/run/systemd/network/10-netplan-eth0.network': `[Match]\nName=eth0\n\n[Network]\nAddress=${rip}/24\n`,
  },
  ifcfg: {
    [`${scripts}/ifcfg-lo`]: 'DEVICE=lo\nIPADDR=127.0.0.1\nNETMASK=255.0.0.0\nONBOOT=yes\n',
    [`${scripts}/ifcfg-eth0`]: `DEVICE=eth0\nIPADDR=${rip}\nPREFIX=24\nONBOOT=yes\nGATEWAY=${gateway}`,
  },
  NetworkManager: {
    '/etc/NetworkManager/dispatcher.d/90-mine': '',
    '/etc/NetworkManager/system-connections/eth0.nmconnection': `[connection]\nid=Wired connection 1\ninterface-name=eth0\n\n[ipv4]\nmethod=manual\naddress1=${rip}/24,${gateway}\n`,
  },
} satisfies Readonly<Record<string, Files>>;
type Kind = keyof typeof hosts;
const kinds = Object.keys(hosts) as Kind[];

function read(files: Files): PersistedNetwork {
  return parsePersistedNetwork({
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    unreadable: [],
    scripts: [],
    executable: [],
    nmcli: undefined,
  });
}

describe('a network that lasts', () => {
  let host: LastingHost | undefined;
  afterEach(() => {
    host?.remove();
  });

  /** The lines run on a host of the kind: what they change, and what a boot has afterwards by its files. */
  function on(kind: Kind, make: (network: PersistedNetwork) => Lasting | undefined, more: Files = {}) {
    host?.remove();
    const files: Files = { ...hosts[kind], ...more };
    host = new LastingHost(files);
    if (kind === 'NetworkManager')
      host.profile('eth0', { 'ipv4.addresses': `${rip}/24`, 'ipv4.gateway': gateway, '802-3-ethernet.mtu': 'auto' });
    const changed = host.trial(linesOf(make(read(files))));
    const after = Object.entries(changed).map(([path, text]) => [`/${path}`, text] as const);
    return {
      changed,
      after: read({ ...files, ...Object.fromEntries(after) }),
      values: Object.values(changed).join(''),
    };
  }
  const profile = (changed: Files, property: string) => changed[`nm/Wired connection 1/${property}`];

  it('is of the program whose files name the interface', () => {
    const owners = (name: string) => Object.fromEntries(kinds.map((kind) => [kind, ownerOf(read(hosts[kind]), name)]));
    expect(owners('eth0')).to.deep.equal({
      interfaces: 'interfaces',
      networkd: 'networkd',
      // By a drop-in of the file that netplan has systemd-networkd read.
      netplan: 'networkd',
      ifcfg: 'ifcfg',
      NetworkManager: 'NetworkManager',
    });
    expect(owners('lo')).to.deep.equal(Object.fromEntries(kinds.map((kind) => [kind, kind])));
    expect(owners('tunl0')).to.deep.equal(owners('lo'));
  });

  it('is nobody’s where no file names the interface, several programs do, or a script', () => {
    const why = (network: PersistedNetwork, name = 'eth0') => {
      const owner = ownerOf(network, name);
      return typeof owner === 'string' ? owner : owner.unknown;
    };
    for (const kind of ['interfaces', 'networkd', 'ifcfg'] as const)
      expect(why(read(hosts[kind]), 'wlan7'), kind).to.equal('no file that is known here names wlan7');
    expect(why(read({ ...hosts.interfaces, ...hosts.networkd }))).to.include(
      'eth0 is in /etc/network/interfaces and /etc/systemd',
    );
    expect(why({ ...read({}), unread: ['/etc/netplan/a.yaml'] })).to.equal('/etc/netplan/a.yaml could not be read');
    expect(why({ ...read({}), addresses: [{ interface: 'eth0', address: rip, file: '/etc/rc.local' }] })).to.equal(
      'eth0 is in /etc/rc.local',
    );
    const owner = ownerOf(undefined, 'eth0');
    expect(owner).to.deep.equal({ unknown: 'what brings its interfaces up at boot is not known' });
  });

  it('is NetworkManager’s where ifcfg files are there without the network service', () => {
    const network = read({ [`${scripts}/ifcfg-eth0`]: hosts.ifcfg[`${scripts}/ifcfg-eth0`] });
    expect(ownerOf(network, 'eth0')).to.equal('NetworkManager');
    expect(ownerOf(network, 'lo')).to.equal('NetworkManager');
  });

  describe('has an address', () => {
    for (const kind of kinds)
      it(`on lo, by ${kind}`, () => {
        const { after, changed } = on(kind, (network) =>
          keepAddress(network, { address: vip, prefixLength: 32, interface: 'lo' }),
        );
        if (kind === 'NetworkManager')
          expect(changed).to.include({
            [`nm/lvs-${vip}/ipv4.addresses`]: `${vip}/32\n`,
            [`nm/lvs-${vip}/ifname`]: 'lvs-7a64\n',
          });
        else
          expect(givenAtBoot(after, vip, 'lo'))
            .to.have.length(1)
            .and.to.have.nested.property('[0].prefixLength', 32);
      });

    for (const kind of kinds)
      it(`on a network card, by ${kind}`, () => {
        const { after, changed } = on(kind, (network) =>
          keepAddress(network, { address: vip, prefixLength: 32, interface: 'eth0' }),
        );
        if (kind === 'NetworkManager') expect(profile(changed, 'ipv4.addresses')).to.equal(`${rip}/24, ${vip}/32\n`);
        else expect(after.addresses.map(({ address }) => address)).to.include(vip);
      });

    it('of IPv6 on lo without asking whether another has it, and for answers only', () => {
      const entry = { address: six, prefixLength: 128, interface: 'lo' };
      const make = (network: PersistedNetwork) => keepAddress(network, entry);
      expect(on('interfaces', make).values).to.include(
        `ip address add ${six}/128 dev lo nodad preferred_lft 0 || true`,
      );
      expect(on('networkd', make).values).to.include('DuplicateAddressDetection=none\nPreferredLifetime=0');
      expect(on('netplan', make).values).to.include(`addresses: [{"${six}/128": {lifetime: 0}}]`);
      expect(make(read(hosts.ifcfg))).to.have.property('byHand');
      const kept = {
        ...hosts.interfaces,
        '/etc/network/interfaces': `iface lo inet6 manual\n up ip address add ${six}/128 dev lo\n`,
      };
      expect(on('interfaces', (network) => keepDeprecated(network, entry), kept).values).to.include(
        `up ip -6 address change ${six}/128 dev lo preferred_lft 0`,
      );
    });

    it('that a file gives already without a line more; two of one host beside each other', () => {
      const entry = (address: string) => ({ address, prefixLength: 32, interface: 'lo' });
      for (const kind of kinds) {
        const both = [
          keepAddress(read(hosts[kind]), entry(vip)),
          keepAddress(read(hosts[kind]), entry('192.168.122.101')),
        ].map(linesOf);
        host?.remove();
        host = new LastingHost(hosts[kind]);
        const found = host.state();
        host.run(both.flatMap(({ commands }) => commands));
        const files = Object.entries(host.state()).map(([path, text]) => [`/${path}`, text] as const);
        if (kind !== 'NetworkManager') {
          const after = read(
            Object.fromEntries(files.filter(([path, text]) => text !== 'folder' && path.startsWith('/etc/'))),
          );
          expect(
            after.addresses.filter(({ interface: name }) => name?.startsWith('lo')).map(({ address }) => address),
            kind,
          ).to.include.members([vip, '192.168.122.101']);
          expect(keepAddress(after, entry(vip)), kind).to.deep.equal({ commands: [], undo: [] });
        }
        // In the order they came, not in reverse.
        host.run(both.flatMap(({ undo }) => undo));
        expect(host.state(), kind).to.deep.equal(found);
      }
    });
  });

  describe('has a route', () => {
    const route = { to: '10.9.0.0/16', gateway: '192.168.122.10', interface: 'eth0' };

    for (const kind of kinds)
      it(`by ${kind}`, () => {
        const { after, changed } = on(kind, (network) => keepRoute(network, route));
        if (kind === 'NetworkManager') expect(profile(changed, 'ipv4.routes')).to.equal('10.9.0.0/16 192.168.122.10\n');
        else expect(after.gateways.map(({ address }) => address)).to.include('192.168.122.10');
      });

    it('with a source, on link', () => {
      const make = (network: PersistedNetwork) =>
        keepRoute(network, { to: '192.168.122.12/32', interface: 'eth0', source: rip });
      expect(on('interfaces', make).values).to.include(
        `    up ip route replace 192.168.122.12/32 dev eth0 src ${rip} || true\n`,
      );
      expect(on('networkd', make).values).to.equal(
        `[Route]\nDestination=192.168.122.12/32\nScope=link\nPreferredSource=${rip}\n`,
      );
      expect(on('ifcfg', make).values).to.include(`192.168.122.12/32 dev eth0 src ${rip}`);
      expect(profile(on('NetworkManager', make).changed, 'ipv4.routes')).to.equal(`192.168.122.12/32 src=${rip}\n`);
    });

    it('by default with an option beside the one of the files, by ifupdown only', () => {
      const make = (network: PersistedNetwork) =>
        keepRoute(network, { to: 'default', gateway, interface: 'eth0', advmss: 1440 });
      expect(on('interfaces', make).values).to.include(`route replace default via ${gateway} dev eth0 advmss 1440`);
      for (const kind of ['networkd', 'netplan', 'ifcfg', 'NetworkManager'] as const)
        expect(make(read(hosts[kind])))
          .to.have.property('byHand')
          .that.includes('eth0 is brought up by');
    });

    it('that a rule chooses', () => {
      const make = (network: PersistedNetwork) => keepMainTableRule(network, vip, 'eth0');
      expect(on('interfaces', make).values).to.include(`ip rule add from ${vip} lookup main pref 100`);
      expect(on('networkd', make).values).to.equal(`[RoutingPolicyRule]\nFrom=${vip}\nTable=254\nPriority=100\n`);
      expect(profile(on('NetworkManager', make).changed, 'ipv4.routing-rules')).to.equal(
        `priority 100 from ${vip} table 254\n`,
      );
      expect(make(read(hosts.ifcfg))).to.have.property('byHand');
    });
  });

  describe('has a default gateway', () => {
    const other = '192.168.122.10';
    const make = (network: PersistedNetwork) => keepGateway(network, other, 'eth0');

    it('in place of the one of the files', () => {
      expect(on('interfaces', make).values).to.include(`up ip route replace default via ${other} dev eth0 || true\n`);
      expect(on('networkd', make).after.gateways.map(({ address }) => address)).to.deep.equal([other]);
      expect(on('ifcfg', make).after.gateways.map(({ address }) => address)).to.deep.equal([other]);
      expect(profile(on('NetworkManager', make).changed, 'ipv4.gateway')).to.equal(`${other}\n`);
      // netplan's own file has none.
      expect(on('netplan', make).values).to.equal(`[Network]\nGateway=${other}\n`);
    });

    it('not where it is another route’s, or DHCP gives it', () => {
      const routed = read({
        '/etc/systemd/network/a.network':
          '[Match]\nName=eth0\n[Route]\nDestination=10.0.0.0/8\nGateway=192.168.122.9\n',
      });
      expect(make(routed)).to.have.property('byHand');
      const dynamic = read({
        '/etc/NetworkManager/system-connections/a.nmconnection':
          '[connection]\ninterface-name=eth0\n[ipv4]\nmethod=auto\n',
      });
      expect(make(dynamic)).to.have.property('byHand');
      expect(keepGateway(read(hosts.interfaces), other, undefined)).to.have.property('byHand');
    });
  });

  describe('has a link', () => {
    it('with an MTU', () => {
      const make = (network: PersistedNetwork) => keepLink(network, 'eth0', { mtu: 1500 });
      expect(on('interfaces', make).values).to.include('    up ip link set dev eth0 mtu 1500 || true\n');
      expect(on('networkd', make).changed).to.deep.equal({
        'etc/systemd/network/10-lan.network.d/ipvet-mtu.conf': '[Link]\nMTUBytes=1500\n',
      });
      expect(on('netplan', make).changed).to.have.property(
        'etc/systemd/network/10-netplan-eth0.network.d/ipvet-mtu.conf',
      );
      expect(on('ifcfg', make).values).to.match(/GATEWAY=\S+\n# ipvet: .*\nMTU=1500\n/);
      expect(profile(on('NetworkManager', make).changed, '802-3-ethernet.mtu')).to.equal('1500\n');
    });

    it('that merges no packets, by ifupdown and NetworkManager only', () => {
      const make = (network: PersistedNetwork) => keepReceiveOffloadOff(network, 'eth0');
      expect(on('interfaces', make).values).to.include('    up ethtool -K eth0 lro off || true\n');
      expect(profile(on('NetworkManager', make).changed, 'ethtool.feature-lro')).to.equal('off\n');
      expect(make(read(hosts.networkd))).to.have.property('byHand');
    });

    it('with the value that came last', () => {
      host = new LastingHost(hosts.interfaces);
      const network = read(hosts.interfaces);
      const [first, second] = [1400, 1500].map((mtu) => linesOf(keepLink(network, 'eth0', { mtu })));
      host.run([...(first?.commands ?? []), ...(second?.commands ?? [])]);
      expect(host.read('/etc/network/interfaces').match(/mtu \d+ \|\|/g)).to.deep.equal(['mtu 1400 ||', 'mtu 1500 ||']);
      host.run(second?.undo ?? []);
      expect(host.read('/etc/network/interfaces').match(/mtu \d+ \|\|/g)).to.deep.equal(['mtu 1400 ||']);
    });

    it('with a MAC', () => {
      const mac = '02:00:00:00:00:01';
      const make = (network: PersistedNetwork) => keepLink(network, 'eth0', { mac });
      expect(on('interfaces', make).values).to.include(`ip link set dev eth0 address ${mac}`);
      expect(on('networkd', make).values).to.include(`MACAddress=${mac}`);
      expect(on('ifcfg', make).values).to.include(`MACADDR=${mac}`);
      expect(profile(on('NetworkManager', make).changed, '802-3-ethernet.cloned-mac-address')).to.equal(`${mac}\n`);
    });

    it('that is up: a tunnel’s by a file for it, a network card’s as it is in the files', () => {
      const tunnel = (network: PersistedNetwork) => keepLink(network, 'tunl0', { up: true });
      expect(on('interfaces', tunnel).values).to.include(
        'auto tunl0\niface tunl0 inet manual\n    up ip link set tunl0 up || true\n',
      );
      expect(on('networkd', tunnel).values).to.include('[Match]\nName=tunl0\n').and.include('RequiredForOnline=no');
      const { changed } = on('NetworkManager', tunnel);
      expect(changed).to.have.property('etc/NetworkManager/dispatcher.d/50-ipvet-tunl0-up');
      host?.run(linesOf(tunnel(read(hosts.NetworkManager))).commands);
      expect(host?.mode('/etc/NetworkManager/dispatcher.d/50-ipvet-tunl0-up')).to.equal('755');
      expect(tunnel(read(hosts.ifcfg))).to.have.property('byHand');
      const card = (network: PersistedNetwork) => keepLink(network, 'eth0', { up: true });
      for (const kind of kinds) expect(card(read(hosts[kind])), kind).to.deep.equal({ commands: [], undo: [] });
      const waiting = { '/etc/network/interfaces': `iface eth0 inet static\n  address ${rip}/24\n` };
      expect(on('interfaces', card, waiting).after.addresses[0]).to.not.have.property('atBoot');
    });
  });

  describe('has an address no more', () => {
    const gone = { address: vip, prefixLength: 32, interface: 'eth0' };
    const make = (network: PersistedNetwork) => withdrawAddress(network, gone);

    it('where a line of its own gave it', () => {
      const text = `${hosts.interfaces['/etc/network/interfaces']}    up   ip address add ${vip}/32 dev $IFACE || true\n`;
      const { after, values } = on('interfaces', make, { '/etc/network/interfaces': text });
      expect(after.addresses.map(({ address }) => address)).to.deep.equal(['127.0.0.1', rip]);
      expect(values).to.include(`was:     up   ip address add ${vip}/32 dev $IFACE || true\n`);
      const unit = `${hosts.networkd['/etc/systemd/network/10-lan.network']}Address = ${vip}/32\n`;
      const networkd = on('networkd', make, { '/etc/systemd/network/10-lan.network': unit });
      expect(networkd.after.addresses.map(({ address }) => address)).to.deep.equal([rip]);
      const keyfile = hosts.NetworkManager['/etc/NetworkManager/system-connections/eth0.nmconnection'];
      const path = '/etc/NetworkManager/system-connections/eth0.nmconnection';
      host?.remove();
      host = new LastingHost({});
      host.profile('eth0', { 'ipv4.addresses': `${rip}/24, ${vip}/32` });
      expect(host.trial(linesOf(make(read({ [path]: `${keyfile}address2=${vip}/32\n` }))))).to.deep.equal({
        'nm/Wired connection 1/ipv4.addresses': `${rip}/24\n`,
      });
    });

    it('without a line where no file gives it', () => {
      for (const kind of kinds) expect(make(read(hosts[kind])), kind).to.deep.equal({ commands: [], undo: [] });
    });

    it('by hand where more hangs on it, where it is cloud-init’s or a script’s, or nobody knows', () => {
      const by = (files: Files) => make(read(files));
      const alias = `auto eth0:0\niface eth0:0 inet static\n  address ${vip}\n  netmask 255.255.255.255\n`;
      const text = `${hosts.interfaces['/etc/network/interfaces']}${alias}`;
      expect(by({ '/etc/network/interfaces': text })).to.deep.equal({
        byHand: `/etc/network/interfaces gives eth0 ${vip}`,
      });
      const more = `iface eth0 inet manual\n  up ip address add ${vip}/32 dev eth0 && logger done\n`;
      expect(by({ '/etc/network/interfaces': `auto eth0\n${more}` })).to.have.property('byHand');
      const cloud = '/etc/systemd/network/10-cloud-init-eth0.network';
      expect(by({ [cloud]: `[Match]\nName=eth0\n[Network]\nAddress=${vip}/32\n` }))
        .to.have.property('byHand')
        .that.includes(cloud);
      expect(by({ '/etc/netplan/a.yaml': `network: {ethernets: {eth0: {addresses: [${vip}/32]}}}` })).to.have.property(
        'byHand',
      );
      expect(by({ [`${scripts}/ifcfg-eth0:0`]: `DEVICE=eth0:0\nIPADDR=${vip}\nPREFIX=32\n` })).to.have.property(
        'byHand',
      );
      expect(make({ ...read({}), other: [{ text: `VIP=${vip}`, file: '/etc/init.d/lvs' }] })).to.deep.equal({
        byHand: `/etc/init.d/lvs has a line that names ${vip}`,
      });
      expect(make({ ...read({}), unread: ['/etc/netplan'] })).to.have.property('byHand');
      expect(withdrawAddress(undefined, gone)).to.have.property('byHand');
    });
  });

  describe('has an address with another prefix', () => {
    const wrong = { address: vip, prefixLength: 24, interface: 'lo' };
    const make = (network: PersistedNetwork) => changePrefix(network, wrong, 32);
    const prefixes = ({ addresses }: PersistedNetwork) =>
      addresses.filter(({ address }) => address === vip).map(({ prefixLength }) => prefixLength);

    it('where it stands with the address', () => {
      for (const line of [`  address ${vip}/24`, `\tup ip addr add ${vip}/24 dev lo`]) {
        const text = `auto lo lo:0\niface lo:0 inet static\n${line}\n`;
        expect(prefixes(on('interfaces', make, { '/etc/network/interfaces': text }).after), line).to.deep.equal([32]);
      }
      const unit = `[Match]\nName=lo\n[Address]\nAddress=${vip}/24\nPreferredLifetime=0\n`;
      expect(prefixes(on('networkd', make, { '/etc/systemd/network/lo.network': unit }).after)).to.deep.equal([32]);
    });

    it('by hand where it stands apart', () => {
      const text = `auto lo:0\niface lo:0 inet static\n  address ${vip}\n  netmask 255.255.255.0\n`;
      expect(make(read({ '/etc/network/interfaces': text }))).to.deep.equal({
        byHand: `/etc/network/interfaces gives lo ${vip}`,
      });
      expect(
        make(read({ [`${scripts}/ifcfg-lo:0`]: `DEVICE=lo:0\nIPADDR=${vip}\nNETMASK=255.255.255.0\n` })),
      ).to.have.property('byHand');
    });

    it('without a line where it is right; where no file has it, by a new one, or by whoever gives it', () => {
      const right = read({ '/etc/network/interfaces': `iface lo inet manual\n up ip address add ${vip}/32 dev lo\n` });
      expect(make(right)).to.deep.equal({ commands: [], undo: [] });
      expect(make(read(hosts.interfaces))).to.equal(undefined);
      expect(prefixes(on('interfaces', (network) => keepAlone(network, wrong, 'add')).after)).to.deep.equal([32]);
      expect(keepAlone(read(hosts.interfaces), wrong, 'ask'))
        .to.have.property('byHand')
        .that.includes(vip);
    });
  });

  it('has the host’s own address as it was, or by hand: its network is not known', () => {
    expect(keepOwn(read(hosts.interfaces), rip, 'eth0')).to.deep.equal({ commands: [], undo: [] });
    expect(keepOwn(read(hosts.interfaces), '192.168.122.77', 'eth0')).to.deep.equal({
      byHand: 'eth0 is brought up by ifupdown (/etc/network/interfaces)',
    });
    expect(keepOwn(read({}), rip, 'eth0')).to.have.property('byHand');
  });

  it('takes nothing into files that is no name and no address', () => {
    const named = (name: string): PersistedNetwork => ({
      ...read(hosts.interfaces),
      addresses: [{ interface: name, address: rip, file: '/etc/network/interfaces' }],
    });
    for (const name of ['x;touch pwned', 'x\nup touch pwned', '$(x)', 'much-too-long-a-name'])
      expect(keepLink(named(name), name, { mtu: 1500 })).to.have.property('byHand');
    expect(keepGateway(read(hosts.interfaces), 'x; touch pwned', 'eth0')).to.have.property('byHand');
  });

  it('is told in the summary where it is for the operator', () => {
    const remedy = { host: 'rs1', summary: 'Mend it', commands: ['a'], undo: ['b'] };
    const half = (name: string) => ({ commands: [`${name} on`], undo: [`${name} off`] });
    expect(lasting(remedy, half('x'), half('y'))).to.deep.equal({
      ...remedy,
      persistent: ['x on', 'y on'],
      undo: ['b', 'y off', 'x off'],
    });
    expect(
      lasting({ ...remedy, persistent: ['p'] }, { byHand: 'A' }, half('x'), { byHand: 'A' }, { byHand: 'B' }),
    ).to.deep.equal({
      ...remedy,
      summary: 'Mend it; for the next boot, by hand: A; B',
      persistent: ['p', 'x on'],
      undo: ['b', 'x off'],
    });
  });
});
