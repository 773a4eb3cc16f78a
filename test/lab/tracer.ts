/**
 * What really runs on lab hosts, seen by the hosts themselves and not by ipvet: sshd hands every command of `ops` to a
 * script that keeps it and then runs it, and sudo keeps a log of its own.
 */
import { onHost } from './product.ts';

export interface Trace {
  /** Command lines as sshd was asked to run them, in order. */
  readonly ssh: readonly string[];
  /** Programs that sudo ran, without their folder: `ipvsadm -Sn`. */
  readonly sudo: readonly string[];
}

const folder = '/var/tmp/traced';
const sudoLog = '/var/log/sudo-traced.log';

/** One file a command, so that two at a time cannot mix; their names sort as the commands came. */
const traceScript = `#!/bin/sh
read -r up rest </proc/uptime
printf '%s' "$SSH_ORIGINAL_COMMAND" >"${folder}/$up-$$"
exec /bin/bash -c "$SSH_ORIGINAL_COMMAND"
`;

export async function installTracer(lab: string, host: string): Promise<void> {
  const lines = [
    `mkdir -p -m 1777 ${folder}`,
    `cat >/usr/local/sbin/trace <<'EOF'\n${traceScript}EOF`,
    'chmod 755 /usr/local/sbin/trace',
    `printf 'Match User ops\\n  ForceCommand /usr/local/sbin/trace\\n' >/etc/ssh/sshd_config.d/trace.conf`,
    `printf 'Defaults logfile=${sudoLog}, loglinelen=0\\n' >/etc/sudoers.d/trace`,
    'chmod 440 /etc/sudoers.d/trace',
    'sshd -t && kill -HUP "$(cat /run/sshd.pid)"',
  ];
  await onHost(lab, `root@${host}`, `set -e\n${lines.join('\n')}`);
}

/** What has run since the last time it was asked. */
export async function takeTrace(lab: string, host: string): Promise<Trace> {
  const script = `cd ${folder}
for f in $(ls | sort -t- -k1,1n -k2,2n); do cat "$f"; printf '\\0'; rm "$f"; done
printf '\\0--\\0'; cat ${sudoLog} 2>/dev/null; : >${sudoLog}`;
  const [ssh = '', sudo = ''] = (await onHost(lab, `root@${host}`, script)).split('\0--\0');
  return {
    ssh: ssh.split('\0').filter((line) => line !== ''),
    sudo: [...sudo.matchAll(/COMMAND=(.*)$/gm)].map(([, command = '']) => command.replace(/^\S*\//, '')),
  };
}
