import { expect } from 'chai';
import fc from 'fast-check';
import { type NetworkSources, parsePersistedNetwork } from '../../../lib/parse/persisted-network.ts';
import { interfacesFile } from '../../../lab/hosts/uml-files.ts';
import { transcript } from './transcript.ts';

const read = (files: Readonly<Record<string, string>>, more: Partial<NetworkSources> = {}) =>
  parsePersistedNetwork({
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    unreadable: [],
    scripts: [],
    executable: [],
    nmcli: undefined,
    ...more,
  });
const main = '/etc/network/interfaces';
const interfaces = (...lines: readonly string[]) => read({ [main]: `${lines.join('\n')}\n` });
const addressesOf = ({ addresses }: ReturnType<typeof read>) =>
  addresses.map(
    ({ interface: name = '?', address, prefixLength = '?', atBoot }) =>
      `${name} ${address}/${prefixLength}${atBoot === false ? ' not at boot' : ''}`,
  );
const gatewaysOf = ({ gateways }: ReturnType<typeof read>) => gateways.map(({ address }) => address);

describe('interfaces(5)', () => {
  it('reads what a host of the lab boots from', () => {
    const found = interfaces(
      interfacesFile({
        name: 'director1',
        interfaces: [
          { name: 'eth0', addresses: ['192.168.122.10/24', '192.168.122.100/32'] },
          { name: 'eth1', addresses: ['10.10.10.1/24'] },
        ],
        gateway: '192.168.122.254',
        routes: ['172.16.0.0/24 via 192.168.122.253'],
      } as unknown as Parameters<typeof interfacesFile>[0]),
    );
    expect(addressesOf(found)).to.deep.equal([
      'lo 127.0.0.1/?',
      'eth0 192.168.122.10/24',
      'eth0 192.168.122.100/32',
      'eth1 10.10.10.1/24',
    ]);
    expect(gatewaysOf(found)).to.deep.equal(['192.168.122.254', '172.16.0.0/24 via 192.168.122.253'.split(' ').at(-1)]);
    expect(found).not.to.have.property('unread');
  });

  it('says which line is about an address and nothing else, and where its prefix length stands', () => {
    const { addresses } = interfaces(
      'auto eth0',
      'iface eth0 inet static',
      '  address 10.0.0.1',
      '  netmask 255.255.255.0',
      '  up   ip address add 10.0.0.2/32 dev $IFACE || true',
      '  up ip address add 10.0.0.3/32 dev eth0 && ip route add 10.9.0.0/16 via 10.0.0.9',
      '  up ifconfig eth0:0 10.0.0.4 netmask 255.255.255.255',
    );
    expect(addresses.map(({ line, lengthApart }) => [line, lengthApart])).to.deep.equal([
      [undefined, true],
      ['up ip address add 10.0.0.2/32 dev $IFACE || true', undefined],
      [undefined, undefined],
      ['up ifconfig eth0:0 10.0.0.4 netmask 255.255.255.255', true],
    ]);
  });

  it('takes netmasks, aliases, both families, continued lines and comments', () => {
    const found = interfaces(
      '# iface eth9 inet static',
      'auto lo lo:0 eth0',
      'iface lo:0 inet static',
      '  address 192.168.122.100',
      '  netmask 255.255.255.255',
      'iface eth0 inet static',
      '  address 10.0.0.11',
      '  netmask 24',
      '  post-up ip route add default \\',
      '    via 10.0.0.254',
      'iface eth0 inet6 static',
      '  address fd00::11/64',
      '  gateway fd00::1',
    );
    expect(addressesOf(found)).to.deep.equal(['lo:0 192.168.122.100/32', 'eth0 10.0.0.11/24', 'eth0 fd00::11/64']);
    expect(gatewaysOf(found)).to.deep.equal(['10.0.0.254', 'fd00::1']);
  });

  it('says that nobody brings an interface up', () => {
    const found = interfaces(
      'auto eth0',
      'iface lo:0 inet static',
      ' address 10.0.0.100/32',
      ' up ip addr add 10.0.0.101/32 dev lo',
    );
    expect(addressesOf(found)).to.deep.equal(['lo:0 10.0.0.100/32 not at boot']);
  });

  it('takes patterns after auto, and hotplugged interfaces', () => {
    const found = interfaces(
      'auto /eth*',
      'allow-hotplug ens3',
      'iface eth1 inet static',
      ' address 10.0.0.1/24',
      'iface ens3 inet dhcp',
    );
    expect(addressesOf(found)).to.deep.equal(['eth1 10.0.0.1/24']);
    expect(found.dynamic).to.deep.equal([{ interface: 'ens3', file: main }]);
  });

  it('follows source, and names what it could not follow', () => {
    const found = read({
      [main]: 'source /etc/network/interfaces.d/*\nsource-directory interfaces.d\nsource /srv/net/*.cfg\n',
      '/etc/network/interfaces.d/vip':
        'auto lo\niface lo inet loopback\n up ip addr add 10.0.0.100/32 dev lo label lo:0\n',
    });
    expect(addressesOf(found)).to.deep.equal(['lo 127.0.0.1/?', 'lo 10.0.0.100/32']);
    expect(found.unread).to.deep.equal(['/srv/net/*.cfg']);
    expect(read({ '/etc/network/interfaces.d/vip': 'auto lo\niface lo inet loopback\n' }).addresses).to.deep.equal([]);
  });

  it('reads commands in the words people use', () => {
    const found = interfaces(
      'auto eth0 tunl0',
      'iface eth0 inet manual',
      ' up /sbin/ip -4 a a 10.0.0.11/24 dev $IFACE || true',
      ' up ifconfig lo:1 10.0.0.101 netmask 255.255.255.255 broadcast 10.0.0.101 up',
      ' up route add default gw 10.0.0.254 dev eth0; sysctl -w net.ipv4.conf.all.arp_ignore=1',
      ' up echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce',
      ' up /usr/local/sbin/vip start 10.0.0.102',
      ' up ip route flush cache',
      ' down ip addr del 10.0.0.11/24 dev eth0',
      'iface tunl0 inet manual',
      ' pre-up modprobe ipip',
      ' up ip addr add 10.0.0.100/32 dev tunl0 && ip link set tunl0 up',
    );
    expect(addressesOf(found)).to.deep.equal(['eth0 10.0.0.11/24', 'lo:1 10.0.0.101/32', 'tunl0 10.0.0.100/32']);
    expect(gatewaysOf(found)).to.deep.equal(['10.0.0.254']);
    expect(found.settings?.map(({ key, value }) => `${key}=${value}`)).to.deep.equal([
      'net.ipv4.conf.all.arp_ignore=1',
      'net.ipv4.conf.all.arp_announce=2',
    ]);
    expect(found.other).to.deep.equal([{ text: '/usr/local/sbin/vip start 10.0.0.102', file: main }]);
  });
});

describe('the files of other programs', () => {
  it('are read from network-scripts: the VIP of a real server', () => {
    const path = '/etc/sysconfig/network-scripts/ifcfg-lo:0';
    const found = read({ [path]: transcript('ifcfg-lo:0', 'centos7-3.10') });
    expect(addressesOf(found)).to.deep.equal(['lo:0 192.168.29.162/32']);
    expect(found.files).to.deep.equal([path]);
  });

  it('are read from network-scripts: real servers of NAT and DR, of a file that is not named as its interface', () => {
    const folder = '/etc/sysconfig/network-scripts';
    const found = read({
      [`${folder}/ifcfg-eth1`]: transcript('ifcfg-eth1', 'centos7-3.10'),
      [`${folder}/ifcfg-ens160`]: transcript('ifcfg-ens160', 'rocky8-4.18'),
    });
    expect(addressesOf(found)).to.deep.equal(['eth1 172.16.1.102/24', 'eth0 192.168.188.81/24']);
    expect(gatewaysOf(found)).to.deep.equal(['172.16.1.101', '192.168.188.200']);
    expect(found).to.not.have.property('dynamic');
  });

  it('take numbers after the keys, ONBOOT=no, DHCP and routes', () => {
    const folder = '/etc/sysconfig/network-scripts';
    const found = read({
      [`${folder}/ifcfg-eth0`]:
        'DEVICE="eth0"\nBOOTPROTO=none\nIPADDR0=10.0.0.11 # RIP\nPREFIX0=24\nIPADDR1=10.0.0.12\nNETMASK1=255.255.0.0\nGATEWAY=10.0.0.1\nIPV6ADDR=fd00::11/64\nIPV6_DEFAULTGW=fd00::1%eth0\n',
      [`${folder}/ifcfg-eth1`]: 'BOOTPROTO=dhcp\n',
      [`${folder}/ifcfg-eth2`]: 'IPADDR=10.2.0.1\nONBOOT=no\nGATEWAY=10.2.0.254\n',
      [`${folder}/ifcfg-eth0.bak`]: 'IPADDR=10.9.9.9\n',
      [`${folder}/route-eth0`]: '10.7.0.0/16 via 10.0.0.7 dev eth0\nADDRESS0=10.8.0.0\nGATEWAY0=10.0.0.8\n',
      '/etc/sysconfig/network': 'GATEWAY=10.0.0.9\n',
    });
    expect(addressesOf(found)).to.deep.equal([
      'eth0 10.0.0.11/24',
      'eth0 10.0.0.12/16',
      'eth0 fd00::11/64',
      'eth2 10.2.0.1/? not at boot',
    ]);
    expect(gatewaysOf(found)).to.deep.equal(['10.0.0.1', 'fd00::1', '10.0.0.8', '10.0.0.7', '10.0.0.9']);
    expect(found.dynamic?.map((one) => one.interface)).to.deep.equal(['eth1']);
  });

  it('are read from keyfiles of NetworkManager', () => {
    const path = '/etc/NetworkManager/system-connections/ens192.nmconnection';
    const found = read({ [path]: transcript('ens192.nmconnection', 'centos9-5.14') });
    expect(addressesOf(found)).to.deep.equal(['ens192 192.168.160.33/24']);
    expect(gatewaysOf(found)).to.deep.equal(['192.168.160.1', '192.168.6.254', '192.168.6.254', '192.168.6.254']);
    const lo = read({
      [path]:
        '[connection]\nid=lo\nautoconnect=false\ninterface-name=lo\n[ipv4]\nmethod=manual\naddress1=127.0.0.1/8\naddress2=10.0.0.100/32,10.0.0.1\n',
    });
    expect(addressesOf(lo)).to.deep.equal(['lo 127.0.0.1/8 not at boot', 'lo 10.0.0.100/32 not at boot']);
    expect(gatewaysOf(lo)).to.deep.equal([]);
  });

  it('are read from nmcli where the keyfiles are closed', () => {
    const nmcli = [
      'connection.id:eth0',
      'connection.interface-name:eth0',
      'connection.autoconnect:yes',
      'ipv4.method:manual',
      'ipv4.addresses:10.0.0.11/24, 10.0.0.12/24',
      'ipv4.gateway:10.0.0.1',
      'ipv4.routes:{ ip = 10.7.0.0/16, nh = 10.0.0.7 }; { ip = 10.8.0.0/16, nh = 10.0.0.8 }',
      'ipv6.method:auto',
      'ipv6.addresses:',
      '',
      'connection.id:lo VIP',
      'connection.interface-name:lo',
      'connection.autoconnect:no',
      'ipv4.addresses:10.0.0.100/32',
    ].join('\n');
    const unreadable = ['/etc/NetworkManager/system-connections/eth0.nmconnection', '/etc/netplan/a.yaml'];
    const found = read({}, { nmcli, unreadable });
    expect(addressesOf(found)).to.deep.equal([
      'eth0 10.0.0.11/24',
      'eth0 10.0.0.12/24',
      'lo 10.0.0.100/32 not at boot',
    ]);
    expect(gatewaysOf(found)).to.deep.equal(['10.0.0.1', '10.0.0.7', '10.0.0.8']);
    expect(found.unread).to.deep.equal(['/etc/netplan/a.yaml']);
    expect(found.files).to.deep.equal(['NetworkManager profile eth0', 'NetworkManager profile lo VIP']);
  });

  it('are read from systemd-networkd, drop-ins with them', () => {
    const path = '/etc/systemd/network/lan-static.network';
    const found = read({
      [path]: transcript('lan-static.network', 'ubuntu22-5.15'),
      [`${path}.d/vip.conf`]:
        '[Address]\nAddress=192.168.100.100/32\n[Network]\nKeepConfiguration=static\nIPForward=ipv4\n[Route]\nGateway=192.168.100.9\n',
      '/usr/lib/systemd/network/80-container-host0.network': '[Match]\nName=host0\n[Network]\nAddress=10.1.1.1/24\n',
      '/run/systemd/network/zz.network': '[Match]\nName=eth9\n[Network]\nAddress=10.1.1.9/24\n',
    });
    expect(addressesOf(found)).to.deep.equal(['ens33 192.168.100.22/24', 'ens33 192.168.100.100/32']);
    expect(gatewaysOf(found)).to.deep.equal(['192.168.100.1', '192.168.100.9']);
    expect(found.networkd).to.deep.equal([
      { file: path, names: ['ens33'], unmanaged: false, keepConfiguration: 'static' },
    ]);
    expect(found.settings?.map(({ key }) => key)).to.deep.equal(['net.ipv4.ip_forward']);
  });

  it('say which gateway is surely the default route’s, and what was put beside a file that netplan made', () => {
    const made = '/run/systemd/network/10-netplan-eth0.network';
    const vip = '/etc/systemd/network/10-netplan-eth0.network.d/vip.conf';
    const found = read({
      '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {addresses: [10.0.0.1/24]}}}\n',
      [made]: '[Match]\nName=eth0\n[Network]\nAddress=10.0.0.1/24\n',
      [vip]: '[Network]\nGateway=10.0.0.254\n[Address]\nAddress=10.0.0.100/32\n[Route]\nGateway=10.0.0.9\n',
    });
    expect(addressesOf(found)).to.deep.equal(['eth0 10.0.0.1/24', 'eth0 10.0.0.100/32']);
    expect(found.gateways).to.deep.equal([
      { address: '10.0.0.254', standard: true, file: vip },
      { address: '10.0.0.9', file: vip },
    ]);
  });

  it('are read from netplan', () => {
    const path = '/etc/netplan/50-cloud-init.yaml';
    const found = read({ [path]: transcript('50-cloud-init.yaml', 'ubuntu22-5.15') });
    expect(addressesOf(found)).to.include.members(['ens3 10.0.0.10/30', 'lo 11.11.11.11/32', 'gre1 20.0.0.0/31']);
    expect(found.dynamic).to.deep.equal([{ interface: 'ens2', file: path }]);
    const routed = read({
      [path]:
        'network: {ethernets: {a: {match: {macaddress: "00:00:00:00:00:01"}, set-name: eth0, gateway6: "fd00::1", addresses: ["10.0.0.1/24", {"10.0.0.2/32": {lifetime: 0}}], routes: [{to: default, via: 10.0.0.254}]}}}\n',
    });
    expect(addressesOf(routed)).to.deep.equal(['eth0 10.0.0.1/24', 'eth0 10.0.0.2/32']);
    expect(gatewaysOf(routed)).to.deep.equal(['fd00::1', '10.0.0.254']);
  });

  it('name a netplan file that is no YAML, and let what netplan made stand in for closed ones', () => {
    const broken = read({ '/etc/netplan/a.yaml': 'network: [\n', '/etc/netplan/b.yaml': '42\n' });
    expect(broken.unread).to.deep.equal(['/etc/netplan/a.yaml']);
    const made = {
      '/run/systemd/network/10-netplan-eth0.network': '[Match]\nName=eth0\n[Network]\nAddress=10.0.0.1/24\n',
    };
    const closed = read(made, { unreadable: ['/etc/netplan/a.yaml'] });
    expect(addressesOf(closed)).to.deep.equal(['eth0 10.0.0.1/24']);
    expect(closed).not.to.have.property('unread');
    expect(read(made).addresses).to.deep.equal([]);
  });

  it('count rc.local only where it would be run, and keep what they cannot follow', () => {
    const text = transcript('lvs_dr_rs.sh', 'centos7-3.10');
    const local = read({ '/etc/rc.local': text }, { executable: ['/etc/rc.local'] });
    expect(local.addresses).to.deep.equal([]);
    expect(local.other.map((one) => one.text)).to.deep.equal([
      'vip=192.168.56.206',
      'ifconfig lo:0 $vip broadcast $vip netmask 255.255.255.255 up',
    ]);
    expect(local.settings?.find(({ key }) => key.endsWith('all.arp_announce'))?.value).to.equal('2');
    expect(read({ '/etc/rc.local': text }).other).to.deep.equal([]);
    const script = read({}, { scripts: [{ path: '/etc/init.d/lvs', text }] });
    expect(script.other).to.have.length(6);
    expect(script).not.to.have.property('settings');
  });

  it('never throw, whatever text they hold', () => {
    const paths = [main, '/etc/netplan/a.yaml', '/etc/systemd/network/a.network', '/etc/rc.local'].concat([
      '/etc/sysconfig/network-scripts/ifcfg-a',
      '/etc/NetworkManager/system-connections/a',
    ]);
    const word = fc.constantFrom(
      'iface',
      'auto',
      'up',
      'ip',
      'addr',
      'add',
      'dev',
      '10.0.0.1/24',
      '[',
      ']',
      '=',
      '\n',
      ' ',
      '"',
      '$',
      '\\',
      ':',
      '-',
      '*',
      '/',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 40 }), (words) => {
        const text = words.join('');
        read(Object.fromEntries(paths.map((path) => [path, text])), { nmcli: text, executable: ['/etc/rc.local'] });
      }),
      { numRuns: 200 },
    );
  });
});
