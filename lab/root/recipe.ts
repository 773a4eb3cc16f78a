/** What the root of a lab host is made of. Everything here is hashed into the name of the cached tree. */
import { firstProgram, FIRST_PROGRAM_PATH } from './first-program.ts';
import { units } from './units.ts';

/** Raised when the steps in root.ts change while nothing in this file does. */
export const RECIPE_VERSION = 1;

/** An operator's Debian, as far as a director or a real server needs it. */
export const packages = [
  'chrony',
  'curl',
  'dbus',
  'dnsmasq-base',
  'ethtool',
  'ifupdown',
  'iproute2',
  'iptables',
  'iptables-persistent',
  'iputils-arping',
  'iputils-ping',
  'ipvsadm',
  'keepalived',
  'kmod',
  'ndisc6',
  'netcat-openbsd',
  'netfilter-persistent',
  'nftables',
  'nginx-light',
  'openssh-server',
  'procps',
  'sudo',
  'systemd-sysv',
  'tcpdump',
] as const;

/** dpkg never unpacks these. Without generators systemd has nothing to fork before it reads its units. */
export const leftOut = [
  '/usr/share/doc/*',
  '/usr/share/info/*',
  '/usr/share/lintian/*',
  '/usr/share/locale/*',
  '/usr/share/man/*',
  '/lib/systemd/system-generators/*',
  '/usr/lib/systemd/system-generators/*',
] as const;

/** Kernel modules a cluster host may want, as folders of the UML package's module tree. */
export const moduleFolders = ['crypto', 'drivers/net', 'fs/autofs', 'fs/overlayfs', 'lib', 'net'] as const;

export interface RootFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** What the kernel runs for a module it wants (Documentation/admin-guide/sysctl/kernel.rst, `modprobe`). */
export const MODULE_LOADER_PATH = '/usr/lib/ipvet/module-loader';

/**
 * UML's kernel has no audit and remembers no refusal, and libaudit, in PAM, asks for its socket (net-pf-16-proto-9) some eight
 * times in each use of sudo: modprobe took 50 ms in a guest to say that there is no such module.
 */
const moduleLoader = `#!/bin/sh
[ "$3" = net-pf-16-proto-9 ] && exit 1
exec /sbin/modprobe "$@"
`;

export function rootFiles(kernelVersion: string): RootFile[] {
  return [
    { path: FIRST_PROGRAM_PATH, mode: 0o755, content: firstProgram(kernelVersion) },
    { path: MODULE_LOADER_PATH, mode: 0o755, content: moduleLoader },
    { path: '/etc/sudoers.d/ops', mode: 0o440, content: 'ops ALL=(ALL) NOPASSWD: ALL\n' },
    // Debian's without the modules for mail, messages of the day, audit and SELinux: each is opened at every connection.
    {
      path: '/etc/pam.d/sshd',
      mode: 0o644,
      content: [
        '@include common-auth',
        'account    required     pam_nologin.so',
        '@include common-account',
        '@include common-session',
        'session    required     pam_limits.so',
        'session    required     pam_env.so',
        '@include common-password',
        '',
      ].join('\n'),
    },
    { path: '/etc/fstab', mode: 0o644, content: '' },
    { path: '/etc/modules', mode: 0o644, content: '' },
    {
      path: '/etc/systemd/journald.conf.d/lab.conf',
      mode: 0o644,
      content: '[Journal]\nStorage=volatile\nAudit=no\nRuntimeMaxUse=8M\n',
    },
    {
      path: '/etc/systemd/system.conf.d/lab.conf',
      mode: 0o644,
      content: '[Manager]\nDefaultTasksAccounting=no\nDefaultMemoryAccounting=no\nShowStatus=no\n',
    },
    ...units,
  ];
}

/** systemd units that a cluster host in a lab has no use for. Each costs a fork and exec, or makes another one start. */
export const maskedUnits = [
  'apt-daily-upgrade.timer',
  'apt-daily.timer',
  'cryptsetup.target',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty.target',
  'ifupdown-pre.service',
  'integritysetup.target',
  'kmod-static-nodes.service',
  'modprobe@.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-ask-password-console.path',
  'systemd-ask-password-wall.path',
  'systemd-binfmt.service',
  'systemd-initctl.socket',
  'systemd-journal-flush.service',
  'systemd-journald-audit.socket',
  'systemd-logind.service',
  'systemd-pcrphase-sysinit.service',
  'systemd-pcrphase.service',
  'systemd-pstore.service',
  'systemd-random-seed.service',
  'systemd-remount-fs.service',
  'systemd-repart.service',
  'systemd-sysusers.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-tmpfiles-setup.service',
  'systemd-update-utmp-runlevel.service',
  'systemd-update-utmp.service',
  'systemd-user-sessions.service',
  'veritysetup.target',
] as const;

/** Enabled by their packages; a host enables what its specification names. */
export const disabledUnits = ['chrony', 'keepalived', 'netfilter-persistent', 'networking', 'nginx', 'ssh'] as const;
