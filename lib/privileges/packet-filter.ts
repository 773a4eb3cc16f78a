/** What reads a host's packet filters. A client whose filter nobody may read is told so, and judged by its traffic. */
import type { RootCommand } from './root-command.ts';

export const nftListing: RootCommand = {
  argv: ['nft', '-j', 'list', 'ruleset'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the packet filter',
};

export const iptablesSave: RootCommand = {
  argv: ['iptables-save', '-c'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the packet filter as iptables shows it',
};

export const iptablesLegacySave: RootCommand = {
  argv: ['iptables-legacy-save', '-c'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the packet filter of the older iptables, where the kernel has its tables',
  optional: 'then its rules are told as not known, where there are any',
};

export const ip6tablesSave: RootCommand = {
  argv: ['ip6tables-save', '-c'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the packet filter for IPv6 as iptables shows it, where it has rules',
  optional: 'then the packet filter is told as not known, where it has such rules',
};

export const ip6tablesLegacySave: RootCommand = {
  argv: ['ip6tables-legacy-save', '-c'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the same of the older iptables, where the kernel has its tables',
  optional: 'then the packet filter is told as not known, where it has such rules',
};

export const arptablesSave: RootCommand = {
  argv: ['arptables-save'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the filter of ARP packets, where it has rules',
  optional: 'then the packet filter is told as not known, where it has such rules',
};

export const arptablesLegacySave: RootCommand = {
  argv: ['arptables-legacy-save'],
  tier: 'read',
  roles: ['director', 'real-server', 'client'],
  optionalOn: ['client'],
  why: 'reads the same of the older arptables, where the kernel has its tables',
  optional: 'then the packet filter is told as not known, where it has such rules',
};

export const packetFilterCommands: readonly RootCommand[] = [
  nftListing,
  iptablesSave,
  iptablesLegacySave,
  ip6tablesSave,
  ip6tablesLegacySave,
  arptablesSave,
  arptablesLegacySave,
];
