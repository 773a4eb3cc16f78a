/** Ways to mend that several checks propose. Commands are POSIX sh lines for root. */
import { isIpv6 } from './address.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import { quotedWord, shellWord } from '../lib/model/shell-word.ts';

/** File of sysctl.d(5) that remedies write to; `99` is read after what distributions ship. */
const sysctlFile = '/etc/sysctl.d/99-lvs.conf';

/** Sets a key now and for the next boot. `was` is the value to go back to. */
export function setSysctl(host: string, summary: string, key: string, value: string, was: string): Remedy {
  return {
    host,
    summary,
    commands: [`sysctl -w ${shellWord(`${key}=${value}`)}`],
    persistent: persistentSysctl(key, value),
    undo: [`sysctl -w ${shellWord(`${key}=${was}`)}`, ...forgetSysctl(key)],
  };
}

export function persistentSysctl(key: string, value: string): readonly string[] {
  return [`echo ${quotedWord(`${key}=${value}`)} >> ${sysctlFile}`];
}

/** Takes back what `persistentSysctl` wrote. */
export function forgetSysctl(key: string): readonly string[] {
  return [`sed -i ${quotedWord(`/^${literal(key)}=/d`)} ${sysctlFile}`];
}

/** The text as a basic regular expression that matches it only. */
export function literal(text: string): string {
  return text.replace(/[.[\]*^$\\/]/g, String.raw`\$&`);
}

/** The text as the replacement of a sed `s` command that gives exactly it. */
export function replacement(text: string): string {
  return text.replace(/[\\/&]/g, String.raw`\$&`);
}

/** `32` or `128`: the prefix length of one address alone. */
export function hostPrefix(address: string): string {
  return `${address}/${isIpv6(address) ? 128 : 32}`;
}

/** `ip`, or `ip -6` for an IPv6 address. */
export function ipCommand(address: string): string {
  return isIpv6(address) ? 'ip -6' : 'ip';
}

/** One package by the host's own package manager. */
export function installPackage(host: string, summary: string, name: string): Remedy {
  return {
    host,
    summary,
    commands: [`if command -v apt-get >/dev/null; then apt-get install -y ${name}; else dnf install -y ${name}; fi`],
    undo: [`if command -v apt-get >/dev/null; then apt-get remove -y ${name}; else dnf remove -y ${name}; fi`],
  };
}

/** Keeps the rules that iptables has now for the next boot, by whatever loads them there. */
export function saveIptables(command: 'iptables' | 'ip6tables'): string {
  return (
    `if command -v netfilter-persistent >/dev/null; then netfilter-persistent save; ` +
    `elif [ -d /etc/sysconfig ]; then ${command}-save > /etc/sysconfig/${command}; ` +
    `else echo 'nothing here loads rules of iptables at boot: install iptables-persistent, then netfilter-persistent save' >&2; fi`
  );
}

const nftFile =
  'f=/etc/nftables.conf; if [ -e /etc/sysconfig/nftables.conf ]; then f=/etc/sysconfig/nftables.conf; fi; ';

/** The same of nftables. Without `flush ruleset` before them, loading the file again would add every rule once more. */
export const saveNftables =
  `${nftFile}if [ -e $f ] && [ ! -e $f.before-ipvet ]; then cp -p $f $f.before-ipvet; fi; ` +
  `{ echo 'flush ruleset'; nft list ruleset; } > $f`;

/** Puts back the file that `saveNftables` wrote over. */
export const restoreNftables = `${nftFile}if [ -e $f.before-ipvet ]; then mv $f.before-ipvet $f; else rm -f $f; fi`;
