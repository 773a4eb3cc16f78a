import { entryOf } from '../address.ts';
import { isOffNetwork } from '../census.ts';
import { keepAddress } from '../lasting-network.ts';
import { deviceOf, dynamicFile, lineNaming, persistedEntries } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { Fact, InterfaceAddress, PersistedNetwork, Units } from '../../lib/model/facts.ts';

/**
 * An address that was given by hand is gone after the next boot. What the host has now is compared with the files of
 * whatever brings its interfaces up; an address that it lacks now is the business of other checks.
 */
export const addressPersistence = defineCheck({
  id: 'network/address-persistence',
  title: 'VIPs, DIP and RIP come back after a reboot',
  failureTitle: 'An address of the cluster is gone after the next reboot',
  sees: [],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['addresses', 'persistedNetwork'],
  requiresOfAll: ['units'],
  inapplicable: ({ host }) => (host.role === 'client' ? `${host.name} only sends load` : undefined),
  doc: {
    why:
      'A VIP that was added with `ip address add` works until the reboot. Then a director is silent about it, and a real ' +
      'server of DR or TUN drops what it is sent: its share of the connections hangs in SYN_RECV.',
    byHand: [
      'cat /etc/network/interfaces /etc/network/interfaces.d/*',
      'nmcli -f ipv4.addresses,ipv6.addresses connection show PROFILE',
      'cat /etc/systemd/network/*.network /etc/netplan/*.yaml /etc/sysconfig/network-scripts/ifcfg-*',
    ],
    references: [
      'interfaces(5)',
      'nm-settings-keyfile(5)',
      'systemd.network(5)',
      'netplan(5)',
      'nm-settings-ifcfg-rh(5)',
    ],
  },
  evaluate({ addresses, persistedNetwork }, { cluster, host }, { evidence, everyone }) {
    const wanted = wantedAddresses(cluster, host, everyone.get(host.name)?.units).flatMap((one) => {
      const entry = entryOf(addresses, one.address);
      return entry === undefined ? [] : [{ ...one, entry }];
    });
    if (wanted.length === 0)
      return notApplicable(`${host.name} has no address of the cluster now that a boot would have to bring back`);
    const names = new Set(addresses.map((entry) => entry.interface));
    const judged = wanted.map((one) => ({ ...one, ...judgeAddress(one, persistedNetwork, names) }));
    const quoted = [quote(evidence('persistedNetwork'), ...wanted.map(({ address }) => address))];
    const found = Object.fromEntries(judged.map(({ address, where }) => [address, where]));
    const bad = judged.filter(({ state }) => state !== 'kept');
    const [worst] = bad;
    if (worst === undefined) return pass(found, quoted);
    const lost = bad.filter(({ state }) => state === 'lost');
    const unknown = bad.filter(({ state }) => state === 'unknown');
    if (lost.length === 0 && unknown.length > 0) {
      const unread = persistedNetwork.unread ?? [];
      return cannotTell(
        unread.length > 0
          ? `${host.name} has ${listed(unknown.map(({ address }) => address))} in no file that could be read, and ${listed(unread)} could not`
          : `${host.name} has no network configuration that is known here, so whether ${listed(unknown.map(({ address }) => address))} comes back is not known`,
        quoted,
        'Look by hand, as root, at what brings its interfaces up',
      );
    }
    const told = lost.length > 0 ? lost : bad;
    const [first] = lost;
    const kept =
      first === undefined || !isInPlace(first, host, persistedNetwork)
        ? undefined
        : keepAddress(persistedNetwork, { ...first.entry, address: first.address });
    const finding = {
      reason: listed(
        told.map(({ what, address, where }) => `${host.name} has the ${what} ${address} now, and ${where}`),
      ),
      found,
      expected: 'each address in a file that brings its interface up at boot',
      evidence: quoted,
      ...(kept === undefined || 'byHand' in kept
        ? {}
        : {
            remedy: {
              host: host.name,
              summary: `Have ${first?.entry.interface ?? ''} get ${first?.address ?? ''} at every boot`,
              ...kept,
            },
          }),
    };
    return lost.length > 0 ? fail(finding) : warn(finding);
  },
});

interface Wanted {
  readonly what: 'VIP' | 'DIP' | 'RIP';
  readonly address: string;
  readonly entry: InterfaceAddress;
}

/** Whether it is where it is to be after the next boot too: the files have it nowhere else, and a VIP of a real server is on no network. */
function isInPlace({ what, address, entry }: Wanted, { role }: ClusterHost, network: PersistedNetwork): boolean {
  const elsewhere = persistedEntries(network, address).some(({ atBoot }) => atBoot !== false);
  return !elsewhere && (role !== 'real-server' || what !== 'VIP' || isOffNetwork(entry.interface));
}

function wantedAddresses(
  cluster: Cluster,
  host: ClusterHost,
  units: Fact<Units> | undefined,
): readonly Omit<Wanted, 'entry'>[] {
  const vips = (keep: (forwarding: string, onHost: boolean) => boolean) =>
    [
      ...new Set(
        cluster.virtualServices
          .filter(({ forwarding, destinations }) =>
            keep(
              forwarding,
              destinations.some(({ realServer }) => realServer.name === host.name),
            ),
          )
          .map(({ vip }) => vip),
      ),
    ].map((address) => ({ what: 'VIP' as const, address }));
  if (host.role === 'real-server')
    return [{ what: 'RIP', address: host.rip }, ...vips((forwarding, onHost) => onHost && forwarding !== 'nat')];
  if (host.role !== 'director') return [];
  const dip = { what: 'DIP' as const, address: host.dip };
  return isMovedByCluster(cluster, units) ? [dip] : [dip, ...vips(() => true)];
}

const movers = /^(keepalived|pacemaker|corosync|heartbeat|ucarp|vrrpd)\.service$/;

/** With a standby the VIP is given by VRRP or the like, and must not be in a file of either. */
function isMovedByCluster(cluster: Cluster, units: Fact<Units> | undefined): boolean {
  if (cluster.directors.length > 1 || cluster.rules.managedBy === 'keepalived') return true;
  return (
    units?.known === true && units.value.units.some(({ name, active }) => movers.test(name) && active === 'active')
  );
}

interface Judged {
  readonly state: 'kept' | 'lost' | 'perhaps' | 'unknown';
  readonly where: string;
}

function judgeAddress({ what, address, entry }: Wanted, network: PersistedNetwork, names: ReadonlySet<string>): Judged {
  const [persisted] = persistedEntries(network, address);
  if (persisted !== undefined) {
    const device = persisted.interface === undefined ? undefined : deviceOf(persisted.interface);
    if (persisted.atBoot === false)
      return {
        state: 'lost',
        where: `${persisted.file} has it for ${device ?? 'an interface'} that no boot brings up`,
      };
    if (device !== undefined && device !== entry.interface && names.has(device) && what === 'VIP')
      return { state: 'lost', where: `${persisted.file} has it on ${device}, not on ${entry.interface}` };
    const { prefixLength } = persisted;
    if (prefixLength !== undefined && prefixLength !== entry.prefixLength && what === 'VIP' && entry.interface === 'lo')
      return { state: 'lost', where: `${persisted.file} has it as /${prefixLength}, not /${entry.prefixLength}` };
    return { state: 'kept', where: persisted.file };
  }
  const dynamic = what === 'VIP' ? undefined : dynamicFile(network, entry.interface);
  if (dynamic !== undefined) return { state: 'kept', where: `${dynamic} (given by DHCP or the like)` };
  const line = lineNaming(network, address);
  if (line !== undefined)
    return { state: 'perhaps', where: `only a line of ${line.file} names it, which may or may not be run at boot` };
  if ((network.unread ?? []).length > 0 || network.files.length === 0) return { state: 'unknown', where: 'not known' };
  return {
    state: 'lost',
    where: `no file that brings interfaces up has it (looked at ${listed(network.files.slice(0, 5))})`,
  };
}
