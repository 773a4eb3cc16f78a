/**
 * The host's clock against this machine's. The script's first act is `date`. At that moment this machine's clock stood
 * somewhere between the request going out, plus the age the shell had by then (`notBeforeMs`), and its output coming in
 * (`notAfterMs`), so
 *
 *     offset = host time - middle of the bracket,  |error| <= half the bracket + the resolution of what date printed.
 *
 * The bound holds whatever the network, sshd and the host's load did; it is wide where they were slow.
 */
import { ParseError } from '../parse/parse-error.ts';
import { parseChronyText, parseChronyTracking, parseNtpVariables, type TimeService } from '../parse/time-service.ts';
import type { ClockReading } from '../model/facts.ts';
import { type ClockBracket, type Collector, Unanswered } from './collector.ts';

export const clock: Collector<'clock'> = {
  fact: 'clock',
  needsRoot: false,
  command: () => 'date +%s.%N; chronyc -n -c tracking',
  // chronyc before 2.4 (CentOS 7.0 to 7.3) has no -c. Keepers that answer no question here are known by name only.
  // systemd-timesyncd keeps its directory while it runs, and makes `synchronized` once a server answered. systemd names the
  // kind of container in /run/systemd/container; a container has no clock of its own.
  script: () => `if has chronyc && chronyc -n -c tracking; then printf '@chrony\\n'
elif [ -d /run/systemd/timesync ]; then
if [ -e /run/systemd/timesync/synchronized ]; then printf '@timesyncd yes\\n'; else printf '@timesyncd no\\n'; fi
elif has ntpq && bounded 5 ntpq -c rv; then printf '@ntpd\\n'
elif has chronyc && bounded 5 chronyc -n tracking; then printf '@oldchrony\\n'
elif [ -e /run/systemd/container ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then printf '@host\\n'
elif has vmware-toolbox-cmd && [ "$(bounded 5 vmware-toolbox-cmd timesync status)" = Enabled ]; then printf '@host\\n'
elif grep -qsx 0 /proc/sys/xen/independent_wallclock; then printf '@host\\n'
else
w=none
for f in /proc/[0-9]*/comm; do n=; { read -r n <"$f"; } 2>/dev/null
case $n in chronyd | ntpd | openntpd | phc2sys | timemaster | VBoxService) w="other $n" ;; esac
done
printf '@%s\\n' "$w"; fi`,
  parse: (section) => {
    if (section.clock === undefined) throw new Unanswered('command-failed', `${section.host}: date printed nothing`);
    return { ...reading(section.clock), ...serviceOf(section.stdout) };
  },
  show: ({ clock: bracket, stdout, stderr }) =>
    `${bracket?.text.trim() ?? ''}\n${stdout.replaceAll(/^@.*\n?/gm, '')}${stderr}`,
};

/** Exported for tests. */
export function reading(bracket: ClockBracket): Pick<ClockReading, 'offsetMs' | 'errorMs'> {
  const digits = /^(\d{1,12})(?:\.(\d{1,9}))?/.exec(bracket.text.trim());
  if (digits?.[1] === undefined) throw new ParseError('date +%s.%N', bracket.text);
  // busybox date knows no %N: then the second alone is known, and the moment lies anywhere within it.
  const resolutionMs = digits[2] === undefined ? 1000 : 10 ** (3 - digits[2].length);
  const hostMs = Number(digits[1]) * 1000 + (digits[2] === undefined ? 0 : Number(`0.${digits[2]}`) * 1000);
  const middleMs = (bracket.notBeforeMs + bracket.notAfterMs) / 2;
  return {
    offsetMs: round(hostMs + resolutionMs / 2 - middleMs),
    errorMs: round((bracket.notAfterMs - bracket.notBeforeMs) / 2 + resolutionMs / 2),
  };
}

function serviceOf(stdout: string): TimeService {
  const [, word, rest] = /^@(\w+) ?(\w*)$/m.exec(stdout) ?? [];
  const output = stdout.replace(/^@.*$/m, '');
  switch (word) {
    case 'chrony':
      return parseChronyTracking(output);
    case 'oldchrony':
      return parseChronyText(output);
    case 'ntpd':
      return parseNtpVariables(output);
    case 'timesyncd':
      return { source: 'systemd-timesyncd', synchronised: rest === 'yes' };
    case 'host':
      return { source: 'host-machine' };
    case 'none':
      return { source: 'none' };
    default:
      return { source: 'unknown' };
  }
}

/** Microseconds are beyond what the bracket can tell. */
function round(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000;
}
