import { includesAddress, isIpv6 } from '../address.ts';
import { deviceOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { KernelModules, PersistedNetwork, PersistedSysctls } from '../../lib/model/facts.ts';

/**
 * ip_vs is loaded by whoever first uses it, ipip by whoever first names tunl0, so that most hosts need no file for them.
 * Two do: a real server of TUN where no configuration names the tunnel, and a director whose files set net.ipv4.vs, which
 * is not there yet when they are read.
 */
export const modulePersistence = defineCheck({
  id: 'network/module-persistence',
  title: 'Kernel modules are loaded at boot, in time for what needs them',
  failureTitle: 'A kernel module is missing at the next boot, or comes too late',
  sees: ['sysctl-not-persistent'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['modules'],
  requiresOfAll: ['persistedNetwork', 'persistedSysctl'],
  inapplicable: ({ cluster, host }) =>
    host.role === 'director' || tunnelModules(cluster, host).length > 0
      ? undefined
      : `${host.name} needs no kernel module beyond those of its distribution`,
  doc: {
    why:
      'Without ipip a real server answers what comes out of the tunnel with "protocol unreachable". sysctl.d is read before ' +
      'keepalived or ipvsadm load ip_vs: net.ipv4.vs settings in files are then skipped without a word.',
    byHand: [
      'lsmod | grep -E "ipip|ip_vs"',
      'cat /etc/modules /etc/modules-load.d/*.conf',
      'journalctl -b -u systemd-sysctl',
    ],
    references: ['modules-load.d(5)', 'sysctl.d(5)', 'net/ipv4/ipip.c (MODULE_ALIAS_NETDEV)'],
  },
  evaluate({ modules }, { cluster, host }, { evidence, everyone }) {
    const own = everyone.get(host.name);
    const network = own?.persistedNetwork.known === true ? own.persistedNetwork.value : undefined;
    const sysctls = own?.persistedSysctl.known === true ? own.persistedSysctl.value : {};
    const needed = host.role === 'director' ? settingModules(sysctls) : tunnelModules(cluster, host);
    const wanted = needed.filter(({ module }) => modules.present.includes(module) || host.role === 'director');
    const [first] = wanted;
    if (first === undefined)
      return notApplicable(
        host.role === 'director'
          ? `${host.name} sets nothing of IPVS in its files, and ip_vs is loaded by whoever uses it`
          : `${host.name} has no ${listed(needed.map(({ module }) => module))} now, which other checks judge`,
      );
    const quoted = [quote(evidence('modules'), ...wanted.map(({ module }) => module))];
    const judged = wanted.map((one) => ({ ...one, by: loadedBy(one, modules, network) }));
    const found = Object.fromEntries(judged.map(({ module, by }) => [module, by ?? null]));
    const missing = judged.filter(({ by }) => by === undefined);
    if (missing.length === 0) return pass(found, quoted);
    const names = missing.map(({ module }) => module);
    return fail({
      reason: `${host.name} loads ${listed(names)} at boot by no file: ${listed(missing.map(({ why }) => why))}`,
      found,
      expected: Object.fromEntries(names.map((name) => [name, 'in /etc/modules-load.d'])),
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: `Have ${listed(names)} loaded at boot`,
        commands: names.map((name) => `echo ${name} >> /etc/modules-load.d/lvs.conf`),
        undo: names.map((name) => `sed -i '/^${name}$/d' /etc/modules-load.d/lvs.conf`),
      },
    });
  },
});

interface Need {
  readonly module: string;
  readonly why: string;
  /** Interfaces whose configuration loads it. */
  readonly interfaces: readonly string[];
  readonly vips: readonly string[];
}

function tunnelModules(cluster: Cluster, host: ClusterHost): readonly Need[] {
  if (host.role !== 'real-server') return [];
  const services = cluster.virtualServices.filter(
    ({ forwarding, destinations }) =>
      forwarding === 'tun' && destinations.some(({ realServer }) => realServer.name === host.name),
  );
  if (services.length === 0) return [];
  const vips = services.map(({ vip }) => vip);
  // The family of the RIP is that of the outer header.
  return isIpv6(host.rip)
    ? [{ module: 'ip6_tunnel', why: 'no configuration names its tunnel', interfaces: ['ip6tnl0'], vips }]
    : [{ module: 'ipip', why: 'no configuration names tunl0', interfaces: ['tunl0'], vips }];
}

function settingModules(sysctls: PersistedSysctls): readonly Need[] {
  const set = Object.entries(sysctls).filter(([key]) => key.startsWith('net.ipv4.vs.'));
  const [first] = set;
  if (first === undefined) return [];
  const [key, { file }] = first;
  return [
    { module: 'ip_vs', why: `${file} sets ${key}, and is read before anybody loads it`, interfaces: [], vips: [] },
  ];
}

function loadedBy(
  { module, interfaces, vips }: Need,
  { atBoot }: KernelModules,
  network: PersistedNetwork | undefined,
): string | undefined {
  const file = atBoot.find(({ name }) => name === module)?.file;
  if (file !== undefined) return file;
  if (interfaces.length === 0) return undefined;
  // Nobody looked, so nobody may say that nothing names it.
  if (network === undefined) return 'not known';
  const entry = network.addresses.find(
    ({ interface: name, address }) =>
      name !== undefined && (interfaces.includes(deviceOf(name)) || (includesAddress(vips, address) && name !== 'lo')),
  );
  const line = network.other.find(({ text }) => [module, ...interfaces].some((name) => text.includes(name)));
  return entry?.file ?? line?.file;
}
