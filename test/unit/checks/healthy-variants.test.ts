/**
 * Clusters that are healthy and unlike the one in the manual. Every check that looks at hosts is asked about every subject of each:
 * none may find fault, and none may be unable to tell.
 */
import { expect } from 'chai';

import type { Judgement } from '../../../lib/model/check.ts';
import type { Cluster } from '../../../lib/model/cluster.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import type { HostFacts, InterfaceAddress, NetworkLink } from '../../../lib/model/facts.ts';
import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { aCluster, aClusterWith, aDirectCluster, dip, hostNamed, router, vip } from '../../builders.ts';
import { anAddress, aRoute, type FactChanges, factsOf } from '../../host-facts.ts';
import { judge } from '../../judgement.ts';
import { iptables, table } from '../../packet-filter.ts';
import { aNatPair, aPair } from '../../pair-facts.ts';
import { transcript } from '../parse/transcript.ts';

interface Variant {
  readonly cluster: Cluster;
  readonly facts?: Readonly<Record<string, FactChanges>>;
}

/** What would be told, beside passes and what does not apply: `check host outcome: reason`. */
function told({ cluster, facts = {} }: Variant): readonly string[] {
  return pairsOf(cluster)
    .filter(({ check }) => check.stage !== 'traffic')
    .flatMap(({ check, subject }) => {
      const service = 'service' in subject ? { service: subject.service.name } : {};
      const judgement: Judgement = judge(check, { cluster, on: subject.host.name, facts, ...service });
      if (judgement.outcome === 'pass' || judgement.outcome === 'not-applicable') return [];
      return [`${check.id} ${subject.host.name} ${judgement.outcome}: ${judgement.reason}`];
    });
}

const [nat, dr, tun] = [aCluster(), aDirectCluster('dr'), aDirectCluster('tun')];

const realServers = ['rs1', 'rs2', 'rs3'] as const;
/** The same change of healthy facts for each host named. */
function changed(
  cluster: Cluster,
  hosts: readonly string[],
  change: (facts: HostFacts, host: string) => FactChanges,
): Readonly<Record<string, FactChanges>> {
  return Object.fromEntries(hosts.map((host) => [host, change(factsOf(cluster, hostNamed(cluster, host)), host)]));
}

const onEvery = (cluster: Cluster, change: (facts: HostFacts, host: string) => FactChanges) =>
  changed(cluster, ['director1', ...realServers], change);

/** A kernel that keeps silent about no address, as it starts. */
const talkative = (sysctl: HostFacts['sysctl']) =>
  Object.fromEntries(
    Object.entries(sysctl).map(([key, value]) => [key, /arp_(ignore|announce)$/.test(key) ? '0' : value]),
  );

/** The VIP of a real server on a dummy interface. */
function onDummy({ addresses, links, persistedNetwork }: HostFacts): FactChanges {
  const dummy: NetworkLink = {
    name: 'dummy0',
    mac: '02:00:00:00:00:99',
    mtu: 1500,
    up: true,
    noArp: true,
    kind: 'dummy',
  };
  return {
    addresses: addresses.map((one): InterfaceAddress => (one.address === vip ? { ...one, interface: 'dummy0' } : one)),
    links: [...links, dummy],
    persistedNetwork: {
      ...persistedNetwork,
      addresses: persistedNetwork.addresses.map((one) => (one.address === vip ? { ...one, interface: 'dummy0' } : one)),
    },
  };
}

function renamed(
  facts: HostFacts,
  names: Readonly<Record<string, string>>,
  more: readonly NetworkLink[] = [],
): FactChanges {
  const to = (name: string | undefined) => names[name ?? ''] ?? name ?? '';
  const keys = (values: HostFacts['sysctl']) =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key.replace(/\.(eth\d)\./, (_all, name: string) => `.${to(name).replace('.', '/')}.`),
        value,
      ]),
    );
  return {
    addresses: facts.addresses.map((one) => ({ ...one, interface: to(one.interface) })),
    routes: facts.routes.map((one) => (one.interface === undefined ? one : { ...one, interface: to(one.interface) })),
    links: [
      ...facts.links.map((link): NetworkLink => {
        const name = to(link.name);
        return {
          ...link,
          name,
          ...(name.includes('.') ? { kind: 'vlan' } : name.startsWith('bond') ? { kind: 'bond' } : {}),
        };
      }),
      ...more,
    ],
    sysctl: keys(facts.sysctl),
    offloads: facts.offloads.map((one) => ({ ...one, interface: to(one.interface) })),
    persistedNetwork: {
      ...facts.persistedNetwork,
      addresses: facts.persistedNetwork.addresses.map((one) => ({ ...one, interface: to(one.interface) })),
    },
    vipCensus: { questions: facts.vipCensus.questions.map((one) => ({ ...one, interface: to(one.interface) })) },
  };
}

function sixOnly(): Cluster {
  const six = (last: string) => `fd00:122::${last}`;
  const base = aDirectCluster('dr');
  const servers = base.realServers.map((server, index) => ({
    ...server,
    rip: six(`1${index + 1}`),
    host: six(`1${index + 1}`),
  }));
  return {
    ...base,
    directors: base.directors.map((director) => ({ ...director, dip: six('10') })),
    realServers: servers,
    clients: base.clients.map((client) => ({ ...client, cip: 'fd00:16::2' })),
    dns: [{ name: 'www.example.com', address: six('100') }],
    virtualServices: base.virtualServices.map((service) => ({
      ...service,
      vip: six('100'),
      destinations: servers.map((realServer) => ({ realServer, port: 80, weight: 1 })),
    })),
  };
}

function severalServices(): Cluster {
  const [web] = nat.virtualServices;
  if (web === undefined) throw new Error('no service');
  const second = '192.168.122.101';
  const services = [
    web,
    { ...web, name: 'alt', port: 8080 },
    { ...web, name: 'other', vip: second },
    { ...web, name: 'other-alt', vip: second, port: 8080, scheduler: 'wlc' },
  ];
  return { ...nat, dns: [...nat.dns, { name: 'other.example.com', address: second }], virtualServices: services };
}

const keptByKeepalived = aCluster({ rules: { managedBy: 'keepalived' } });
const marked = aClusterWith({ fwmark: 80 });
const elsewhere = '10.10.10.254';

const variants: Readonly<Record<string, () => Variant>> = {
  'DR with the VIP on a dummy interface, kept silent by arptables': () => ({
    cluster: dr,
    facts: changed(dr, realServers, (facts) => ({
      ...onDummy(facts),
      sysctl: talkative(facts.sysctl),
      persistedSysctl: {},
      firewall: {
        ...facts.firewall,
        ...parseFirewall({
          iptables: [],
          arptables: [
            `*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n-A INPUT -j DROP -d ${vip}\n-A OUTPUT -j mangle -s ${vip} --mangle-ip-s ${facts.addresses[1]?.address ?? ''}\nCOMMIT\n`,
          ],
        }),
      },
    })),
  }),
  'DR kept silent by nftables, family arp': () => ({
    cluster: dr,
    facts: changed(dr, realServers, (facts) => {
      const place = { family: 'arp', table: 'filter' };
      const about = (field: string) => ({
        match: { op: '==', left: { payload: { protocol: 'arp', field } }, right: vip },
      });
      const chain = (name: string) => ({
        chain: { ...place, name, type: 'filter', hook: name, prio: 0, policy: 'accept' },
      });
      const rule = (name: string, expr: readonly object[]) => ({ rule: { ...place, chain: name, expr } });
      const entries = [
        chain('input'),
        chain('output'),
        rule('input', [about('daddr ip'), { drop: null }]),
        rule('output', [about('saddr ip'), { drop: null }]),
      ];
      const firewall = parseFirewall({ nft: JSON.stringify({ nftables: entries }), iptables: [] });
      return { sysctl: talkative(facts.sysctl), persistedSysctl: {}, firewall };
    }),
  }),
  'NAT with the default route elsewhere, and a rule that sends what leaves from the RIP by the director': () => ({
    cluster: nat,
    facts: changed(nat, realServers, (facts) => ({
      routes: facts.routes.map((route) => (route.from === undefined ? { ...route, gateway: elsewhere } : route)),
      persistedNetwork: {
        ...facts.persistedNetwork,
        gateways: [elsewhere, dip].map((address) => ({ address, file: '/etc/network/interfaces' })),
      },
    })),
  }),
  'clocks kept by ntpd, and by systemd-timesyncd': () => ({
    cluster: nat,
    facts: onEvery(nat, ({ clock }, host) => ({
      clock: { ...clock, source: host === 'rs1' ? 'systemd-timesyncd' : 'ntpd' },
    })),
  }),
  'clocks that are those of the machine the hosts run on': () => ({
    cluster: nat,
    facts: onEvery(nat, ({ clock: { offsetMs, errorMs } }) => ({
      clock: { offsetMs, errorMs, source: 'host-machine' },
    })),
  }),
  'several VIPs, and several services on each': () => ({ cluster: severalServices() }),
  'a service by mark, whose mark is that of the connection': () => ({
    cluster: marked,
    facts: changed(marked, ['director1'], (facts) => ({
      firewall: iptables(
        'mangle',
        `-A PREROUTING -d ${vip} -p tcp -m multiport --dports 80,443 -j CONNMARK --set-xmark 0x50/0xffffffff`,
        '-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      ),
      ipvsRules: {
        services: facts.ipvsRules.services.map((service) => ({
          ...service,
          protocol: 'fwmark',
          address: '',
          port: 0,
          fwmark: 80,
        })),
      },
      savedRules: {
        ...facts.savedRules,
        services: facts.savedRules.services.map((service) => ({
          ...service,
          protocol: 'fwmark',
          address: '',
          port: 0,
          fwmark: 80,
        })),
      },
    })),
  }),
  'DR on IPv6 alone': () => ({ cluster: sixOnly() }),
  'interfaces that are a bond and a VLAN on it': () => {
    const cluster = aDirectCluster('dr', {
      directors: dr.directors.map((director) => ({ ...director, interface: 'bond0.100', vipInterface: 'bond0.100' })),
      realServers: dr.realServers.map((server) => ({ ...server, interface: 'bond0.100' })),
      virtualServices: dr.virtualServices.map((service) => ({
        ...service,
        destinations: service.destinations.map((one) => ({
          ...one,
          realServer: { ...one.realServer, interface: 'bond0.100' },
        })),
      })),
    });
    const parts: readonly NetworkLink[] = ['bond0', 'eno1', 'eno2'].map((name) => ({
      name,
      mac: '02:00:00:00:07:01',
      mtu: 1500,
      up: true,
      noArp: false,
      ...(name === 'bond0' ? { kind: 'bond' } : { master: 'bond0' }),
    }));
    return {
      cluster,
      facts: onEvery(cluster, (facts, host) =>
        renamed(facts, { eth0: 'bond0.100' }, host === 'director1' ? parts : []),
      ),
    };
  },
  'VIPs that keepalived holds as secondary addresses, and no file but its own': () => ({
    cluster: keptByKeepalived,
    facts: changed(keptByKeepalived, ['director1'], (facts) => ({
      sysctl: { ...facts.sysctl, 'net.ipv4.vs.expire_nodest_conn': '1' },
      modules: { ...facts.modules, atBoot: [{ name: 'ip_vs', file: '/etc/modules-load.d/ip_vs.conf' }] },
      persistedSysctl: {
        ...facts.persistedSysctl,
        'net.ipv4.vs.expire_nodest_conn': { value: '1', file: '/etc/sysctl.d/50-lvs.conf' },
      },
      addresses: facts.addresses.map((one): InterfaceAddress =>
        one.address === vip ? { ...one, prefixLength: 24, flags: ['secondary'] } : one,
      ),
      persistedNetwork: {
        ...facts.persistedNetwork,
        addresses: facts.persistedNetwork.addresses.filter(({ address }) => address !== vip),
      },
      savedRules: { ...facts.savedRules, keeper: 'keepalived', file: '/etc/keepalived/keepalived.conf' },
      units: {
        systemd: true,
        units: ['keepalived.service', 'chrony.service'].map((name) => ({ name, active: 'active', enabled: 'enabled' })),
      },
    })),
  }),
  'a filter of sets and verdict maps that drops all else': () => {
    const place = { family: 'inet', table: 'filter' };
    const chain = (name: string) => ({
      chain: { ...place, name, type: 'filter', hook: name, prio: 0, policy: 'drop' },
    });
    const rule = (name: string, ...expr: readonly object[]) => ({ rule: { ...place, chain: name, expr } });
    const equal = (left: object, right: unknown) => ({ match: { op: '==', left, right } });
    const [iif, dport, daddr] = [
      { meta: { key: 'iifname' } },
      { payload: { protocol: 'tcp', field: 'dport' } },
      { payload: { protocol: 'ip', field: 'daddr' } },
    ];
    const nft = {
      nftables: [
        { set: { ...place, name: 'vips', type: 'ipv4_addr', elem: [vip, '192.168.122.10', dip] } },
        {
          map: {
            ...place,
            name: 'ports',
            type: 'inet_service',
            map: 'verdict',
            elem: [
              [22, { accept: null }],
              [80, { accept: null }],
            ],
          },
        },
        chain('input'),
        chain('forward'),
        rule('input', equal(iif, 'lo'), { accept: null }),
        rule('input', equal({ meta: { key: 'l4proto' } }, 'icmp'), { accept: null }),
        rule('input', equal(daddr, '@vips'), { vmap: { key: dport, data: '@ports' } }),
        rule('forward', equal(iif, 'eth1'), { accept: null }),
      ],
    };
    return {
      cluster: nat,
      facts: changed(nat, ['director1'], () => ({
        firewall: parseFirewall({ nft: JSON.stringify(nft), iptables: [] }),
      })),
    };
  },
  'rp_filter=2 on every interface': () => ({
    cluster: dr,
    facts: onEvery(dr, ({ sysctl }) => ({
      sysctl: Object.fromEntries(
        Object.entries(sysctl).map(([key, value]) => [key, key.endsWith('.rp_filter') ? '2' : value]),
      ),
      persistedSysctl: {
        ...factsOf(dr, hostNamed(dr, 'rs1')).persistedSysctl,
        'net.ipv4.ip_forward': { value: '1', file: '/etc/sysctl.conf' },
        'net.ipv4.conf.all.rp_filter': { value: '2', file: '/usr/lib/sysctl.d/50-default.conf' },
        'net.ipv4.conf.*.rp_filter': { value: '2', file: '/usr/lib/sysctl.d/50-default.conf' },
      },
    })),
  }),
  'two default routes of one weight': () => ({
    cluster: dr,
    facts: onEvery(dr, (facts) => ({
      // The kernel answers with one of the two, another for another question.
      routes: facts.routes.map((route, index) =>
        route.gateway === router && index % 2 === 1 ? { ...route, gateway: '192.168.122.253' } : route,
      ),
      persistedNetwork: {
        ...facts.persistedNetwork,
        gateways: [router, '192.168.122.253'].map((address) => ({ address, file: '/etc/network/interfaces' })),
      },
    })),
  }),
  'files of systemd-networkd': () => ({
    cluster: nat,
    facts: onEvery(nat, ({ persistedNetwork }) => {
      const file = '/etc/systemd/network/10-lan.network';
      const { addresses, gateways } = persistedNetwork;
      return {
        persistedNetwork: {
          files: [file],
          addresses: addresses.map((one) => ({ ...one, file })),
          gateways: gateways.map((one) => ({ ...one, file })),
          other: [],
          networkd: [{ file, names: ['eth*'], unmanaged: false }],
        },
      };
    }),
  }),
  'a port of its own for ssh, and a jump host for everything': () => {
    const cluster = aCluster({
      realServers: nat.realServers.map((server) => ({ ...server, port: 2222, jump: 'bastion.example.com' })),
    });
    return {
      cluster,
      facts: changed(cluster, realServers, ({ listeners }) => ({
        listeners: listeners.map((one) => (one.port === 22 ? { ...one, port: 2222 } : one)),
      })),
    };
  },
  'firewalld with the service allowed and out of connection tracking': () => ({
    cluster: dr,
    facts: changed(dr, ['director1'], () => ({
      firewall: parseFirewall({
        nft: transcript('nft-firewalld-http.json'),
        iptables: [
          table('raw', [
            `-A PREROUTING -d ${vip} -p tcp -m tcp --dport 80 -j CT --notrack`,
            // A message about a connection that conntrack does not know is INVALID too.
            `-A PREROUTING -d ${vip} -p icmp -m icmp --icmp-type 3/4 -j CT --notrack`,
          ]),
        ],
      }),
    })),
  }),
  'firewalld on a real server, with the service allowed': () => ({
    cluster: dr,
    facts: changed(dr, realServers, () => ({
      firewall: parseFirewall({ nft: transcript('nft-firewalld-http.json'), iptables: [] }),
    })),
  }),
  'a web server that listens on the VIP alone': () => ({
    cluster: dr,
    facts: changed(dr, realServers, ({ listeners }) => ({
      listeners: listeners.map((one) => (one.port === 80 ? { ...one, address: vip } : one)),
    })),
  }),
  'SELinux enforcing, and nothing denied': () => ({
    cluster: nat,
    facts: onEvery(nat, () => ({ selinux: { mode: 'enforcing' } })),
  }),
  'keys that a kernel of 3.10 does not have': () => ({
    cluster: nat,
    facts: changed(nat, ['director1'], ({ sysctl }) => ({
      sysctl: Object.fromEntries(Object.entries(sysctl).filter(([key]) => !/run_estimation|conn_reuse_mode/.test(key))),
    })),
  }),
};

describe('a healthy cluster', () => {
  for (const [name, cluster] of Object.entries({ nat, dr, tun }))
    it(`as in the manual: ${name}`, () => {
      expect(told({ cluster })).to.deep.equal([]);
    });

  for (const [name, cluster] of Object.entries({ DR: aPair(), NAT: aNatPair() }))
    it(`of two directors under keepalived: ${name}`, () => {
      expect(told({ cluster })).to.deep.equal([]);
    });

  for (const [name, variant] of Object.entries(variants))
    it(`with ${name}`, () => {
      expect(told(variant())).to.deep.equal([]);
    });

  it('is told from one that is not: the same eyes see a fault in each', () => {
    expect(told({ cluster: dr, facts: changed(dr, realServers, onDummy) })).to.deep.equal([]);
    // With nobody asking on the wire, which would outrank the setting.
    const loud = changed(dr, [...realServers, 'client1'], ({ sysctl }, host) => ({
      vipCensus: { questions: [] },
      ...(host === 'rs2' ? { sysctl: talkative(sysctl) } : {}),
    }));
    expect(told({ cluster: dr, facts: loud }).join()).to.include('real-server/arp-suppression rs2 fail');
    const lost = changed(nat, ['rs1'], ({ routes }) => ({
      routes: routes.map((route) => aRoute(route.destination, { ...route, gateway: elsewhere })),
    }));
    expect(told({ cluster: nat, facts: lost }).join()).to.include('real-server/reply-route rs1 fail');
    const spare = { director1: { addresses: [anAddress('eth1', dip)], routes: [aRoute(vip, { source: dip })] } };
    expect(told({ cluster: nat, facts: spare }).join()).to.include('director/vip director1');
  });
});
