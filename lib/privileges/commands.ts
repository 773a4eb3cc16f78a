/** Every program ipvet runs as root. lib/ssh refuses to run any other one as root. */
import { disruptionCommands } from './disruption.ts';
import { packetFilterCommands } from './packet-filter.ts';
import type { RootCommand } from './root-command.ts';

export const ipvsadmSave: RootCommand = {
  argv: ['ipvsadm', '-Sn'],
  tier: 'read',
  roles: ['director'],
  why: 'reads the IPVS rules',
};

/** Thresholds are the one thing of a rule that `ipvsadm -Sn` leaves out. */
export const ipvsadmThresholds: RootCommand = {
  argv: ['ipvsadm', '-Ln', '--thresholds'],
  tier: 'read',
  roles: ['director'],
  why: 'reads the connection thresholds of the destinations',
};

export const ipvsadmTimeouts: RootCommand = {
  argv: ['ipvsadm', '-L', '--timeout'],
  tier: 'read',
  roles: ['director'],
  why: 'reads the timeouts of the connection table',
  optional: 'then the timeouts are told as not known',
};

export const selinuxDenialSearch: RootCommand = {
  argv: ['ausearch', '-m', 'AVC,USER_AVC,SELINUX_ERR', '-ts', 'boot', '--raw'],
  tier: 'read',
  roles: ['director', 'real-server'],
  why: 'reads what SELinux denied since boot, where SELinux is on',
  optional: 'then denials are told as not known',
};

export const keepalivedConfig: RootCommand = {
  argv: ['cat', '/etc/keepalived/keepalived.conf'],
  tier: 'read',
  roles: ['director'],
  why: 'reads the rules as keepalived has them',
  caution: 'the file may hold the VRRP password (auth_pass)',
};

/** The counters of every service: which one is meant is for the parser, so that the words never change. */
export const ipvsadmCounters: RootCommand = {
  argv: ['ipvsadm', '-Ln', '--stats', '--exact'],
  tier: 'traffic',
  roles: ['director'],
  why: 'reads the counters before and after the load',
};

export const ipvsadmRestore: RootCommand = {
  argv: ['ipvsadm', '-R'],
  tier: 'change',
  roles: ['director'],
  why: 'adds, edits and takes back IPVS rules, which come on its input',
};

/** The file the guard's program is in, on every host that is changed. */
export const guardFile = '/var/tmp/ipvet/guard';

/** Undoes when the run is gone. systemd starts it, so that it outlives the login, as the login user and not as root. */
export function guardCommand(user: string): RootCommand {
  return {
    argv: ['systemd-run', '--quiet', '--collect', '--description=ipvet-undo', `--uid=${user}`, '/bin/sh', guardFile],
    tier: 'change',
    roles: ['director'],
    why: `starts, as ${user}, the program that undoes when the run is gone`,
    optional: 'then it is an ordinary process of the login, which some hosts end with the login',
  };
}

/** What `ipvet fix` has run as root on a host: the login user writes them while it holds the lock. */
export const fixFile = '/var/tmp/ipvet/fix';
export const fixUndoFile = '/var/tmp/ipvet/fix-undo';

const everywhere = ['director', 'real-server', 'client'] as const;
const withoutFix = 'then `ipvet fix apply` cannot do that: run the patch of `ipvet fix plan` yourself';
const asMuchAsRoot = 'the login user writes that file, and a shell runs what is in it, so this is as much as root';

export const runFix: RootCommand = {
  argv: ['sh', fixFile],
  tier: 'change',
  roles: everywhere,
  why: 'mends what the checks found, by the commands that were shown first',
  optional: withoutFix,
  caution: asMuchAsRoot,
};

export const runFixUndo: RootCommand = {
  argv: ['sh', fixUndoFile],
  tier: 'change',
  roles: everywhere,
  why: 'takes a fix back, or looks whether it is still in place',
  optional: withoutFix,
  caution: asMuchAsRoot,
};

/** Debian: what the unit ipvsadm.service reads at boot. */
export const writeIpvsadmRules: RootCommand = {
  argv: ['tee', '/etc/ipvsadm.rules'],
  tier: 'change',
  roles: ['director'],
  why: 'keeps the IPVS rules over a reboot (Debian)',
  optional: 'then `ipvet rules save` cannot do that',
};

export const writeIpvsadmDefaults: RootCommand = {
  argv: ['tee', '/etc/default/ipvsadm'],
  tier: 'change',
  roles: ['director'],
  why: 'has the kept rules loaded at boot (Debian)',
  optional: 'then `ipvet rules save` cannot do that',
  caution: 'a shell reads that file as root at boot, so this is as much as root',
};

/** RHEL: what `ipvsadm.service` reads at boot. */
export const writeIpvsadmSysconfig: RootCommand = {
  argv: ['tee', '/etc/sysconfig/ipvsadm'],
  tier: 'change',
  roles: ['director'],
  why: 'keeps the IPVS rules over a reboot (RHEL)',
  optional: 'then `ipvet rules save` cannot do that',
};

export const readIpvsadmSysconfig: RootCommand = {
  argv: ['cat', '/etc/sysconfig/ipvsadm'],
  tier: 'read',
  roles: ['director'],
  why: 'reads the rules that are kept over a reboot (RHEL)',
  optional: 'then `ipvet rules save` cannot do that',
};

export const removeIpvsadmSysconfig: RootCommand = {
  argv: ['rm', '-f', '/etc/sysconfig/ipvsadm'],
  tier: 'change',
  roles: ['director'],
  why: 'takes back kept rules where none were kept before (RHEL)',
  optional: 'then `ipvet rules save` cannot do that',
};

export const enableIpvsadm: RootCommand = {
  argv: ['systemctl', 'enable', 'ipvsadm'],
  tier: 'change',
  roles: ['director'],
  why: 'has the kept rules loaded at boot',
  optional: 'then `ipvet rules save` cannot do that',
};

export const disableIpvsadm: RootCommand = {
  argv: ['systemctl', 'disable', 'ipvsadm'],
  tier: 'change',
  roles: ['director'],
  why: 'takes that back where it was not so before',
  optional: 'then `ipvet rules save` cannot do that',
};

/** Where a configuration lies while keepalived judges it, before it takes the place of the one in use. */
export const keepalivedCandidateFile = '/var/tmp/ipvet/keepalived.conf';

export const testKeepalivedConfig: RootCommand = {
  argv: ['keepalived', '--config-test', `--use-file=${keepalivedCandidateFile}`],
  tier: 'change',
  roles: ['director'],
  why: 'has keepalived judge the new configuration before it is put in place',
  optional: 'then `ipvet rules apply` cannot do that',
};

export const writeKeepalivedConfig: RootCommand = {
  argv: ['tee', '/etc/keepalived/keepalived.conf'],
  tier: 'change',
  roles: ['director'],
  why: 'puts the new configuration in place, or the old one back',
  optional: 'then `ipvet rules apply` cannot do that',
  caution:
    'keepalived runs scripts named there, as root unless enable_script_security is set, so this is as much as root',
};

export const reloadKeepalived: RootCommand = {
  argv: ['systemctl', 'reload', 'keepalived'],
  tier: 'change',
  roles: ['director'],
  why: 'has keepalived read its configuration again',
  optional: 'then `ipvet rules apply` cannot do that',
};

const always = [
  ipvsadmSave,
  ipvsadmThresholds,
  ...packetFilterCommands,
  ipvsadmCounters,
  ipvsadmTimeouts,
  selinuxDenialSearch,
];
const ipvsadmOnly = [
  readIpvsadmSysconfig,
  ipvsadmRestore,
  writeIpvsadmRules,
  writeIpvsadmDefaults,
  writeIpvsadmSysconfig,
  removeIpvsadmSysconfig,
  enableIpvsadm,
  disableIpvsadm,
];
const keepalivedOnly = [
  keepalivedConfig,
  testKeepalivedConfig,
  writeKeepalivedConfig,
  reloadKeepalived,
  ...disruptionCommands,
];

/** By who looks after the rules (`rules.managed_by`): nobody edits rules behind keepalived's back. */
export const commandsBy = {
  ipvsadm: [...always, ...ipvsadmOnly],
  keepalived: [...always, ...keepalivedOnly],
  none: always,
} as const satisfies Readonly<Record<string, readonly RootCommand[]>>;
