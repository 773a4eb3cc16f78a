/** The keys of a virtual service that go into its rule as they are: whether they fit together, and the scheduler. */
import type { VirtualServiceEntry } from '../model/cluster-file.ts';
import { familyOf } from './address.ts';
import { entries, type Loose, type LooseFile, mustDiffer, nameAt, type Report } from './rule.ts';
import type { Path } from './source.ts';

type LooseService = Loose<VirtualServiceEntry>;

export function ruleOptions(file: LooseFile, report: Report): void {
  const services = entries(file.virtual_services, ['virtual_services']);
  mustDiffer(
    services.map(({ entry, path }) => ({ key: markKey(entry), path })),
    (path, first, key) => {
      report(
        [...path, 'fwmark'],
        `two virtual services have ${key}`,
        `the other is ${nameAt(file, first)}; packets of one mark are one service`,
      );
    },
  );
  for (const { entry, path } of services) {
    schedulerFlags(entry, path, report);
    onePacket(entry, path, report);
    netmask(entry, path, report);
    engine(entry, path, report);
    const list = entry.real_servers;
    if (list === undefined || list === 'all') continue;
    for (const { entry: choice, path: at } of entries<LooseDestination>(list, [...path, 'real_servers']))
      if (typeof choice === 'object') thresholds(choice.thresholds, [...at, 'thresholds'], report);
  }
  for (const { entry, path } of entries(file.real_servers, ['real_servers']))
    thresholds(entry.thresholds, [...path, 'thresholds'], report);
}

type LooseDestination = Exclude<NonNullable<LooseService['real_servers']>, 'all'>[number];

/** The kernel keeps marks of IPv4 and of IPv6 packets apart. */
function markKey({ fwmark, vip }: LooseService): string | undefined {
  if (fwmark === undefined || vip === undefined) return undefined;
  return `firewall mark ${fwmark} for ${familyOf(vip)}`;
}

function schedulerFlags({ scheduler, scheduler_flags: flags }: LooseService, path: Path, report: Report): void {
  const listed = entries<string>(flags, [...path, 'scheduler_flags']);
  mustDiffer(
    listed.map(({ entry, path: at }) => ({ key: entry, path: at })),
    (at, _first, flag) => {
      report(at, `\`${flag}\` is in the list twice`);
    },
  );
  for (const { entry, path: at } of listed) {
    const owner = entry.split('-')[0] ?? '';
    if ((scheduler ?? 'wlc') !== owner)
      report(
        at,
        `\`${entry}\` is a flag of the scheduler ${owner}, and this service has ${scheduler ?? 'wlc'}`,
        `set \`scheduler: ${owner}\`, or remove the flag`,
      );
  }
}

function onePacket({ one_packet: wanted, protocol }: LooseService, path: Path, report: Report): void {
  // ipvsadm.c: "One-Packet Scheduling is only for UDP virtual services".
  if (wanted === true && protocol !== 'udp')
    report([...path, 'one_packet'], '`one_packet` is for UDP', 'set `protocol: udp`, or remove `one_packet`');
}

function netmask({ persistence_netmask: mask, persistence, vip }: LooseService, path: Path, report: Report): void {
  if (mask === undefined) return;
  const at = [...path, 'persistence_netmask'];
  if ((persistence ?? 0) === 0)
    report(at, '`persistence_netmask` without `persistence` has no effect', 'set `persistence` to a number of seconds');
  if (vip === undefined) return;
  const ipv6 = familyOf(vip) === 'IPv6';
  if (ipv6 !== (typeof mask === 'number'))
    report(
      at,
      `\`${mask}\` does not fit a VIP of ${familyOf(vip)}`,
      ipv6 ? 'write the length of a prefix, such as 64' : 'write a mask, such as 255.255.255.0',
    );
  else if (typeof mask === 'string' && !isMask(mask))
    report(at, `\`${mask}\` is no netmask`, 'a mask is ones from the left and zeros after, such as 255.255.255.0');
}

/** ipvsadm takes no mask of zeros, and none with a hole. */
function isMask(text: string): boolean {
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return false;
  return /^1+0*$/.test(octets.map((octet) => octet.toString(2).padStart(8, '0')).join(''));
}

function engine(service: LooseService, path: Path, report: Report): void {
  if (service.persistence_engine !== 'sip') return;
  const at = [...path, 'persistence_engine'];
  if ((service.persistence ?? 0) === 0)
    report(at, '`persistence_engine` without `persistence` has no effect', 'set `persistence` to a number of seconds');
  // ip_vs_pe_sip.c looks into UDP only.
  if (service.protocol !== 'udp') report(at, 'the engine sip is for SIP over UDP', 'set `protocol: udp`, or remove it');
}

interface LooseThresholds {
  readonly upper?: number | undefined;
  readonly lower?: number | undefined;
}

/** ip_vs_ctl.c, ip_vs_add_dest: a lower threshold above the upper one is out of range. */
function thresholds(value: LooseThresholds | undefined, path: Path, report: Report): void {
  const { upper, lower } = value ?? {};
  if (upper === undefined || lower === undefined || lower <= upper) return;
  if (upper === 0)
    report([...path, 'lower'], '`lower` has no effect without an upper threshold', 'raise `upper`, or remove `lower`');
  else
    report(
      [...path, 'lower'],
      `\`lower\` is ${lower}, more than \`upper\`, which is ${upper}`,
      'a real server that is full at `upper` gets connections again below `lower`',
    );
}
