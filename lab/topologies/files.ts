/** Configuration files of lab hosts, as their packages' manuals have them. Pure text. */
import type { LabHostSpec } from '../hosts/host.ts';

type LabFile = LabHostSpec['files'][number];

const file = (path: string, lines: readonly string[]): LabFile => ({
  path,
  mode: 0o644,
  content: lines.map((line) => `${line}\n`).join(''),
});

export const hostName = (name: string): LabFile => file('/etc/hostname', [name]);

/** The same on every host, so that all agree who is who. */
export const hostTable = (addresses: Readonly<Record<string, string>>): LabFile =>
  file('/etc/hosts', [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...Object.entries(addresses).map(([name, address]) => `${address}\t${name}`),
  ]);

export const resolver = (server: string): LabFile => file('/etc/resolv.conf', [`nameserver ${server}`]);

export const sysctls = (values: Readonly<Record<string, string | number>>): LabFile =>
  file(
    '/etc/sysctl.conf',
    Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  );

export const chronyClient = (server: string): LabFile =>
  file('/etc/chrony/chrony.conf', [
    `server ${server} iburst minpoll 4 maxpoll 6`,
    'driftfile /var/lib/chrony/chrony.drift',
    'makestep 1 3',
    'leapsectz right/UTC',
  ]);

/** The lab's time source: this machine's clock, which it never sets. */
export const chronyServer = (networks: readonly string[]): LabFile =>
  file('/etc/chrony/chrony.conf', [
    'local stratum 8',
    ...networks.map((network) => `allow ${network}`),
    'driftfile /var/lib/chrony/chrony.drift',
  ]);

/** Answers for the names given, on the addresses given or on all, and knows nobody to ask about others. */
export const nameServer = (records: Readonly<Record<string, string>>, addresses: readonly string[] = []): LabFile =>
  file('/etc/dnsmasq.conf', [
    'no-resolv',
    'no-hosts',
    ...(addresses.length > 0 ? ['bind-interfaces'] : []),
    ...addresses.map((address) => `listen-address=${address}`),
    'user=nobody',
    'group=nogroup',
    ...Object.entries(records).map(([name, address]) => `host-record=${name},${address}`),
  ]);

/**
 * Any path answers with a page that names the host, in the body and in X-Real-Server. The backlog takes the bursts of a
 * load test with a new connection per request: 2,500 a second with a pause of one second must fit.
 */
export const webServer = (name: string, ports: readonly number[] = [80], { ipv6 = false } = {}): LabFile =>
  file('/etc/nginx/nginx.conf', [
    'user www-data;',
    'worker_processes 1;',
    'worker_rlimit_nofile 16384;',
    'pid /run/nginx.pid;',
    'error_log /var/log/nginx/error.log;',
    'events {',
    '\tworker_connections 8192;',
    '\tmulti_accept on;',
    '}',
    'http {',
    '\tdefault_type text/html;',
    '\taccess_log /var/log/nginx/access.log combined buffer=32k flush=1s;',
    '\tkeepalive_requests 100000;',
    '\tserver {',
    ...ports.flatMap((port) => [
      `\t\tlisten ${port} default_server backlog=4096;`,
      ...(ipv6 ? [`\t\tlisten [::]:${port} default_server backlog=4096;`] : []),
    ]),
    '\t\tserver_name _;',
    `\t\tadd_header X-Real-Server ${name} always;`,
    '\t\tlocation / {',
    `\t\t\treturn 200 "<!doctype html><title>${name}</title><p>This is ${name}.</p>\\n";`,
    '\t\t}',
    '\t}',
    '}',
  ]);

/** The packet filter marks what comes in for the services, as `iptables-save` writes it. */
export const marks = (
  services: readonly { readonly vip: string; readonly port: number; readonly fwmark: number }[],
): LabFile =>
  file('/etc/iptables/rules.v4', [
    '*mangle',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ...services.map(
      ({ vip, port, fwmark }) =>
        `-A PREROUTING -d ${vip}/32 -p tcp -m tcp --dport ${port} -j MARK --set-xmark 0x${fwmark.toString(16)}/0xffffffff`,
    ),
    'COMMIT',
  ]);
