import { entryOf, isIpv6, sameAddress } from '../address.ts';
import { interfaceOf } from '../direct-forwarding.ts';
import { eitherOn, greaterOf, interfaceKeys } from '../interface-setting.ts';
import { afterBoot, type InterfaceDemand, keepSettings, nextBoot, scriptNaming } from '../persisted-setting.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { HostFacts, InterfaceAddress, RouteDecision, Sysctls } from '../../lib/model/facts.ts';

/**
 * A setting that does its work now and is in no file is gone after the next boot. Values that are wrong now are the
 * business of the checks that need them. The value in force is judged: the greater of `all` and the interface's own.
 */
export const sysctlPersistence = defineCheck({
  id: 'network/sysctl-persistence',
  title: 'Kernel settings the host relies on survive a reboot',
  failureTitle: 'Kernel settings the host relies on are lost at the next reboot',
  sees: ['sysctl-not-persistent', 'rs-arp-vs-other-tools'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['sysctl', 'persistedSysctl', 'addresses', 'routes'],
  requiresOfAll: ['persistedNetwork', 'links'],
  inapplicable: ({ host }) =>
    host.role === 'client' ? `${host.name} only sends load: the cluster relies on none of its settings` : undefined,
  doc: {
    why:
      'A real server that was silenced by hand answers ARP for the VIP after its next reboot and takes clients away from the ' +
      'director; a director forgets what IPVS was told. Another file that is read later, NetworkManager or tuned may also ' +
      'set a value back.',
    byHand: [
      'sysctl -a | grep -E "arp_(ignore|announce)|rp_filter|send_redirects|net.ipv4.vs"',
      'systemd-analyze cat-config sysctl.d',
      'grep -rE "sysctl|/proc/sys" /etc/network /etc/rc.local',
    ],
    references: ['sysctl.d(5)', 'Documentation/networking/ip-sysctl.rst', 'Documentation/networking/ipvs-sysctl.rst'],
  },
  evaluate({ sysctl, persistedSysctl, addresses, routes }, { cluster, host }, { evidence, everyone }) {
    const own = everyone.get(host.name);
    const boot = nextBoot(persistedSysctl, own?.persistedNetwork);
    const links = own?.links.known === true ? own.links.value : [];
    const demands = demandsOf(cluster, host, { addresses, routes, sysctl, links }).filter((demand) =>
      inForce(demand, sysctl),
    );
    const told = host.role === 'director' ? ipvsSettings(sysctl) : listenQueue(sysctl);
    if (demands.length === 0 && told.length === 0)
      return notApplicable(`${host.name} relies on no kernel setting other than those it starts with`);
    const lost = demands.flatMap((demand) => {
      const after = afterBoot(demand, boot);
      return after === 'kept' || scriptNaming(own?.persistedNetwork, demand.setting) !== undefined
        ? []
        : [{ ...demand, after }];
    });
    const forgotten = told.filter(
      ({ key, value }) =>
        !same(boot(key)?.value, value) &&
        scriptNaming(own?.persistedNetwork, key.slice(key.lastIndexOf('.') + 1)) === undefined,
    );
    const keys = [
      ...demands.flatMap((one) => interfaceKeys(one.setting, one.interface)),
      ...told.map(({ key }) => key),
    ];
    const quoted = [quote(evidence('sysctl'), ...keys), quote(evidence('persistedSysctl'), ...keys)];
    const found = Object.fromEntries(
      [...new Set(keys)].map((key) => [key, { now: sysctl[key] ?? null, nextBoot: boot(key)?.value ?? null }]),
    );
    if (lost.length === 0 && forgotten.length === 0) return pass(found, quoted);
    const settings = [...lost.flatMap((one) => settingsFor(one)), ...forgotten];
    return fail({
      reason: `${host.name} has ${listed([
        ...lost.map((one) => lostText(one, one.after, boot(interfaceKeys(one.setting, one.interface)[0])?.file)),
        ...forgotten.map(({ key, value }) => `${key}=${value} ${whereText(boot(key))}`),
      ])}, so that is lost at the next reboot`,
      faults: ['sysctl-not-persistent'],
      found,
      expected: Object.fromEntries(settings.map(({ key, value }) => [key, value])),
      evidence: quoted,
      remedy: keepSettings(host.name, 'Set it in a file that every boot reads', settings, boot),
    });
  },
});

type Facts = Pick<HostFacts, 'addresses' | 'routes' | 'sysctl' | 'links'>;

function demandsOf(cluster: Cluster, host: ClusterHost, facts: Facts): readonly InterfaceDemand[] {
  if (host.role === 'director') {
    const forwardsBack = cluster.virtualServices.some(({ forwarding }) => forwarding === 'nat');
    return forwardsBack && host.interface === host.vipInterface
      ? [{ setting: 'send_redirects', interface: host.interface, combine: 'either', initially: 1, accepts: isZero }]
      : [];
  }
  if (host.role !== 'real-server') return [];
  const services = cluster.virtualServices.filter(
    ({ forwarding, destinations, vip }) =>
      forwarding !== 'nat' && !isIpv6(vip) && destinations.some(({ realServer }) => realServer.name === host.name),
  );
  const carried = services.filter(({ vip }) => entryOf(facts.addresses, vip) !== undefined);
  const ingress = interfaceOf(facts.addresses, host.rip);
  const byArp = carried.some(({ forwarding }) => forwarding === 'dr') && ingress !== undefined;
  return [
    ...(byArp
      ? [
          { ...greater('arp_ignore', ingress), accepts: (value: number) => value >= 1 },
          { ...greater('arp_announce', ingress), accepts: (value: number) => value === 2 },
        ]
      : []),
    ...(services.some(({ forwarding }) => forwarding === 'tun')
      ? tunnels(facts).map((name) => ({ ...greater('rp_filter', name), accepts: isNotStrict }))
      : []),
    ...(ingress !== undefined && answersElsewhere(cluster, facts.routes, facts.addresses, ingress)
      ? [{ ...greater('rp_filter', ingress), accepts: isNotStrict }]
      : []),
  ];
}

const isZero = (value: number): boolean => value === 0;
const isNotStrict = (value: number): boolean => value !== 1;

function greater(setting: string, name: string): Omit<InterfaceDemand, 'accepts'> {
  return { setting, interface: name, combine: 'greater', initially: 0 };
}

function tunnels({ links }: Facts): readonly string[] {
  const found = links.filter(({ kind, up }) => up && kind === 'ipip').map(({ name }) => name);
  return found.length > 0 ? found : ['tunl0'];
}

/** Strict filtering drops what comes in where its sender is not answered. */
function answersElsewhere(
  cluster: Cluster,
  routes: readonly RouteDecision[],
  addresses: readonly InterfaceAddress[],
  ingress: string,
): boolean {
  const clients = cluster.clients
    .map(({ cip }) => cip)
    .filter((cip) => !addresses.some(({ address }) => address === cip));
  return routes.some(
    ({ destination, outcome, interface: name }) =>
      outcome === 'unicast' && name !== ingress && clients.some((cip) => sameAddress(cip, destination)),
  );
}

function inForce(demand: InterfaceDemand, sysctl: Sysctls): boolean {
  const { setting, interface: name, combine } = demand;
  if (combine === 'either') {
    const on = eitherOn(sysctl, setting, name);
    return on !== undefined && demand.accepts(on ? 1 : 0);
  }
  const value = greaterOf(sysctl, setting, name);
  return value !== undefined && demand.accepts(value);
}

/** Documentation/networking/ipvs-sysctl.rst. Left out are those whose default depends on the host. */
const ipvsDefaults: Readonly<Record<string, string>> = {
  am_droprate: '10',
  amemthresh: '1024',
  backup_only: '0',
  cache_bypass: '0',
  conn_reuse_mode: '1',
  conntrack: '0',
  drop_entry: '0',
  drop_packet: '0',
  expire_nodest_conn: '0',
  expire_quiescent_template: '0',
  ignore_tunneled: '0',
  nat_icmp_send: '0',
  pmtu_disc: '1',
  run_estimation: '1',
  schedule_icmp: '0',
  secure_tcp: '0',
  sloppy_sctp: '0',
  sloppy_tcp: '0',
  snat_reroute: '1',
  sync_persist_mode: '0',
  sync_ports: '1',
  sync_refresh_period: '0',
  sync_retries: '0',
  sync_threshold: '3 50',
  sync_version: '1',
};

function ipvsSettings(sysctl: Sysctls): readonly { readonly key: string; readonly value: string }[] {
  return Object.entries(ipvsDefaults).flatMap(([name, initially]) => {
    const key = `net.ipv4.vs.${name}`;
    const value = sysctl[key];
    if (value === undefined || same(value, initially)) return [];
    // The kernel moves from 1 to 2 and back by itself while memory is short.
    return name.startsWith('drop_') || name === 'secure_tcp'
      ? value === '3'
        ? [{ key, value }]
        : []
      : [{ key, value }];
  });
}

/** 128 before Linux 5.4, 4096 since. */
function listenQueue(sysctl: Sysctls): readonly { readonly key: string; readonly value: string }[] {
  const key = 'net.core.somaxconn';
  const value = sysctl[key];
  return value === undefined || value === '128' || value === '4096' ? [] : [{ key, value }];
}

function same(one: string | undefined, other: string): boolean {
  return one?.trim().split(/\s+/).join(' ') === other.trim().split(/\s+/).join(' ');
}

/** What keeps a setting whatever the interface's own value: `all` where the greater counts, and 2 in place of strict. */
function settingsFor({ setting, interface: name }: InterfaceDemand): readonly { key: string; value: string }[] {
  const [all, own] = interfaceKeys(setting, name);
  switch (setting) {
    case 'arp_ignore':
      return [{ key: all, value: '1' }];
    case 'arp_announce':
      return [{ key: all, value: '2' }];
    case 'rp_filter':
      return [{ key: own, value: '2' }];
    default:
      return [
        { key: all, value: '0' },
        { key: own, value: '0' },
      ];
  }
}

function lostText({ setting, interface: name }: InterfaceDemand, after: 'lost' | 'late', file?: string): string {
  if (after === 'late')
    return `${setting} of ${name} set for "default" only, which counts for interfaces made after it is read`;
  return `${setting} of ${name} ${file === undefined ? 'in no file' : `otherwise in ${file}`}`;
}

function whereText(persisted: { readonly value: string; readonly file: string } | undefined): string {
  return persisted === undefined ? 'in no file' : `otherwise in ${persisted.file} (${persisted.value})`;
}
