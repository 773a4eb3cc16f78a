/**
 * Settings of net.ipv4.conf are there once for `all` and once for each interface, and how the kernel puts the two
 * together differs from one to the next (include/linux/inetdevice.h): IN_DEV_MAXCONF, IN_DEV_ORCONF, IN_DEV_ANDCONF.
 */
import type { Sysctls } from '../lib/model/facts.ts';

function numberOf(sysctl: Sysctls, key: string): number | undefined {
  const value = sysctl[key];
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

/** `net.ipv4.conf.all.rp_filter` and that of the interface; sysctl(8) writes the dot of `eth0.100` as a slash. */
export function interfaceKeys(setting: string, name: string): readonly [all: string, own: string] {
  return [`net.ipv4.conf.all.${setting}`, `net.ipv4.conf.${name.replaceAll('.', '/')}.${setting}`];
}

/** rp_filter, arp_ignore, arp_announce: the greater of the two; undefined unless both are known. */
export function greaterOf(sysctl: Sysctls, setting: string, name: string): number | undefined {
  const [all, own] = interfaceKeys(setting, name).map((key) => numberOf(sysctl, key));
  return all === undefined || own === undefined ? undefined : Math.max(all, own);
}

/** send_redirects: on where either is. */
export function eitherOn(sysctl: Sysctls, setting: string, name: string): boolean | undefined {
  const [all, own] = interfaceKeys(setting, name).map((key) => numberOf(sysctl, key));
  if (all === undefined || own === undefined) return undefined;
  return all !== 0 || own !== 0;
}

/** accept_redirects: on a host that forwards both must be on, on another one of them is enough. */
export function redirectsAccepted(sysctl: Sysctls, name: string): boolean | undefined {
  const forwards = numberOf(sysctl, interfaceKeys('forwarding', name)[1]) ?? numberOf(sysctl, 'net.ipv4.ip_forward');
  const [all, own] = interfaceKeys('accept_redirects', name).map((key) => numberOf(sysctl, key));
  if (all === undefined || own === undefined || forwards === undefined) return undefined;
  return forwards === 0 ? all !== 0 || own !== 0 : all !== 0 && own !== 0;
}
