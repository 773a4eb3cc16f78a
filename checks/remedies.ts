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
