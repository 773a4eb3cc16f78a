/**
 * The first program of a UML host, before systemd. One Perl process (perl-base is in every Debian) that makes the
 * system calls itself: a fork and exec costs 24 ms in a guest, and mount(8), modprobe(8) and ip(8) would be a dozen.
 *
 * It lays a tmpfs over the read-only root, gives the interfaces their names and makes what tmpfiles and ifupdown would
 * leave in /run; then systemd takes its place.
 */

/** System call numbers of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl), the one architecture Debian builds UML for besides i386. */
const MOUNT = 165;
const PIVOT_ROOT = 155;
const UMOUNT = 166;
const MNT_DETACH = 2;
const INIT_MODULE_FROM_FILE = 313;

export const FIRST_PROGRAM_PATH = '/usr/lib/ipvet/first-program';

export function firstProgram(kernelVersion: string): string {
  return `#!/usr/bin/perl
# Runs before systemd; see ${FIRST_PROGRAM_PATH} in the documentation of the lab.
use strict;
sub call { my ($number, @words) = @_; syscall($number, @words) >= 0 or die "first program: system call $number (@words): $!\\n" }
sub mount { my ($what, $where, $type, $flags, $options) = @_; call(${MOUNT}, "$what", "$where", "$type", $flags, "$options") }
sub load {
    open(my $file, '<', "/lib/modules/${kernelVersion}/kernel/$_[0].ko") or die "first program: $_[0]: $!\\n";
    call(${INIT_MODULE_FROM_FILE}, fileno($file), "", 0);
}
load('fs/overlayfs/overlay');
mount('tmpfs', '/mnt', 'tmpfs', 0, 'mode=755');
mkdir "/mnt/$_" for qw(changes work root);
mount('overlay', '/mnt/root', 'overlay', 0, 'lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work');
call(${PIVOT_ROOT}, '/mnt/root', '/mnt/root/mnt');
chroot('.') and chdir('/') or die "first program: chroot: $!\\n";
call(${UMOUNT}, "/mnt", ${MNT_DETACH});
mount('tmpfs', '/run', 'tmpfs', 6, 'mode=755,size=20%');
mkdir "/run/$_" for qw(lock network);
chmod 01777, '/run/lock';
# ifup(8) and ifdown(8) know from these what is up.
sub up { open(my $file, '>', "/run/network/ifstate.$_[0]"); print $file "$_[0]\\n" }
up('lo');
socket(my $socket, 2, 2, 0) or die "first program: socket: $!\\n";
for my $number (0 .. 7) {
    my $request = pack('a16 a16 x8', "vec$number", "eth$number");
    ioctl($socket, 0x8923, $request) and up("eth$number");
}
exec '/sbin/init' or die "first program: /sbin/init: $!\\n";
`;
}
