/**
 * Makes changes of every kind on the hosts of a cluster file, each guarded, says so, and waits to be killed.
 * Arguments: cluster file.
 */
import { Guards } from '../../../lib/changes/guards.ts';
import { newRunId, thisHolder } from '../../../lib/changes/holder.ts';
import {
  type HostChange,
  temporaryAddress,
  temporaryMark,
  temporarySysctl,
} from '../../../lib/changes/host-changes.ts';
import { loadCluster } from '../../../lib/config/load.ts';
import { connectFleet } from '../../../lib/ssh/fleet.ts';

const { signal } = new AbortController();
const cluster = await loadCluster(process.argv[2] ?? '');
const fleet = connectFleet(cluster, { signal });
const hosts = await Promise.all(['director1', 'client1'].map((name) => fleet.host(name)));
const guards = await Guards.open(hosts, { holder: thisHolder(newRunId(), 'test of changes'), signal });

const changes: readonly (readonly [string, HostChange])[] = [
  ['director1', temporaryAddress('director1', { device: 'eth0', address: '192.168.122.77', prefix: 32 })],
  ['director1', temporarySysctl('director1', { key: 'net.ipv4.ip_forward', value: '0', found: '1' })],
  ['director1', temporarySysctl('director1', { key: 'net.ipv4.conf.eth0.rp_filter', value: '2', found: '0' })],
  ['director1', temporaryMark('director1', { vip: '192.168.122.100', protocol: 'tcp', port: 80, mark: 7 })],
  ...Array.from({ length: 3 }, (_, index) => {
    const address = `192.168.122.${String(40 + index)}`;
    return ['client1', temporaryAddress('client1', { device: 'eth0', address, prefix: 24 })] as const;
  }),
];
for (const [name, change] of changes) {
  const guard = guards.of(name);
  await guard.register(change.undo);
  // Logged in as root: what sudo allows is none of this.
  await guard.host.exec(change.argv);
}
process.stdout.write('made\n');
setInterval(() => undefined, 1000);
