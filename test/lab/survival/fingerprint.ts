/** What a run may not leave different on a host: everything that can be read there, one line each. */
import { spawn } from 'node:child_process';

/**
 * As root. Rules with thresholds, addresses and routes, kernel settings, units in force, files where an ordinary user
 * may write and where rules are kept, and every process but this conversation itself. What the guard of an earlier run
 * has to tell the next one (ipvet.restored) is no difference.
 */
const SCRIPT = String.raw`LC_ALL=C; export LC_ALL
# Waiting there costs the host less than being asked again and again.
i=0; while [ -e /var/tmp/ipvet ] && [ $i -lt "$((@wait@ * 2))" ]; do sleep 0.5; i=$((i + 1)); done
echo begin
if [ -e /proc/net/ip_vs ]; then
  ipvsadm -Sn | sed 's/^/rule /'
  ipvsadm -Ln --thresholds | awk '/^(TCP|UDP|SCTP|FWM)/ { s = $1 " " $2 } /->/ && $3 ~ /^[0-9]+$/ { print "threshold", s, $2, $3, $4 }'
fi
ip -o address | sed 's/ *valid_lft.*//; s/^[0-9]*: /address /'
ip route show table all | sed 's/^/route /'
grep -rs '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/vs | sed 's|^/proc/sys/|sysctl |'
systemctl list-units --all --plain --no-legend --type=service,timer,socket,mount | awk '$3 != "inactive" { print "unit", $1, $3, $4 }'
find /tmp /var/tmp /home/ops /root -mindepth 1 ! -path '/var/tmp/ipvet.restored*' | sed 's/^/path /'
find /etc -type f \( -path '*ipvs*' -o -path '*keepalived*' -o -path '*sysctl*' -o -path '*sudoers*' \) -exec cksum {} + | sed 's/^/file /'
ps -eo args= | awk '!/^\[/ && !/^sshd: (root|\[|unknown)/ && !/^(sh -s|ps -eo args=|awk )/ { sub(/[0-9]+ of /, "N of "); print "process", $0 }'
echo end
`;

export interface Sight {
  /** performance.now() when the host began to answer. */
  readonly atMs: number;
  /** Sorted: neither services nor destinations have an order that means anything. */
  readonly lines: readonly string[];
}

/**
 * One look at a host, as root, at the latest after `waitS`, and sooner when no run has its lock there. Undefined when it
 * could not be had.
 */
export function look(consoleConfig: string, host: string, waitS = 0): Promise<Sight | undefined> {
  return new Promise((resolve) => {
    const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5'];
    const ssh = spawn('ssh', ['-F', consoleConfig, ...options, `root@${host}`, 'sh -s'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 20_000 + waitS * 1000,
    });
    let text = '';
    let atMs = 0;
    ssh.stdin.on('error', () => undefined);
    ssh.stdin.end(SCRIPT.replace('@wait@', String(waitS)));
    ssh.stdout.on('data', (piece: Buffer) => {
      if (text === '') atMs = performance.now();
      text += piece.toString();
    });
    ssh.once('error', () => {
      resolve(undefined);
    });
    ssh.once('close', () => {
      const [first, ...lines] = text.trimEnd().split('\n');
      const whole = first === 'begin' && lines.pop() === 'end';
      resolve(whole ? { atMs, lines: lines.toSorted() } : undefined);
    });
  });
}

/** Lines of one and not the other, `-` for what is gone and `+` for what is new. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  const left = [...after];
  const gone = before.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [...gone.map((line) => `- ${line}`), ...left.map((line) => `+ ${line}`)];
}
