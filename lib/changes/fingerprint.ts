/**
 * What a run may not leave different, besides the rules: addresses, kernel settings, units and files that say how the
 * rules come back. Read without root, before the first change and after the last undo.
 */
import { createHash } from 'node:crypto';
import type { Host } from '../ssh/host.ts';

/** Sorted lines `KIND TEXT`: `address …`, `sysctl PATH:VALUE`, `unit NAME STATE …`, `file PATH CHECKSUM SIZE`. */
export type Fingerprint = readonly string[];

export interface FingerprintDifference {
  readonly line: string;
  readonly side: 'before' | 'after';
}

/** Whose state says how the rules of this host are brought back, and who else keeps them. */
const units = ['ipvsadm', 'keepalived'];
const files = [
  '/etc/ipvsadm.rules',
  '/etc/default/ipvsadm',
  '/etc/sysconfig/ipvsadm',
  '/etc/keepalived/keepalived.conf',
];

/** Left out of an address: its lifetimes, which count down, and that it is still looked for on other hosts, which ends by itself. */
const script = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"
ip -o address show | sed 's/ *valid_lft.*//; s/\\//; s/ tentative//; s/^[0-9]*: /address /'
grep -s '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/* /proc/sys/net/ipv6/conf/*/* /proc/sys/net/ipv4/vs/* | sed 's|^/proc/sys/|sysctl |'
if command -v systemctl >/dev/null 2>&1; then for u in ${units.join(' ')}; do
systemctl show -p ActiveState -p UnitFileState "$u" 2>/dev/null | while read -r line; do printf 'unit %s %s\n' "$u" "$line"; done
done; fi
for f in ${files.join(' ')}; do if [ -r "$f" ]; then cksum "$f"; fi; done | while read -r sum size f; do printf 'file %s %s %s\n' "$f" "$sum" "$size"; done
`;

export const fingerprintArgv: readonly string[] = ['sh', '-c', script, 'ipvet-fingerprint'];

/** Throws what `Host.exec` throws. */
export async function readFingerprint(host: Host, signal: AbortSignal): Promise<Fingerprint> {
  const { stdout } = await host.exec(fingerprintArgv, { exitCodes: 'any', signal });
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted();
}

/** sha256 of the lines, in hex. */
export function digestOf(fingerprint: Fingerprint): string {
  return createHash('sha256').update(fingerprint.join('\n')).digest('hex');
}

/**
 * Lines that only one side has. Settings of IPVS that were not there before came with its module, which listing the
 * rules loads: they are no difference.
 */
export function differencesOf(before: Fingerprint, after: Fingerprint): readonly FingerprintDifference[] {
  const [old, now] = [new Set(before), new Set(after)];
  const loaded = !before.some((line) => line.startsWith('sysctl net/ipv4/vs/'));
  return [
    ...before.filter((line) => !now.has(line)).map((line) => ({ line, side: 'before' as const })),
    ...after
      .filter((line) => !old.has(line) && !(loaded && line.startsWith('sysctl net/ipv4/vs/')))
      .map((line) => ({ line, side: 'after' as const })),
  ];
}
