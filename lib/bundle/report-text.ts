/**
 * REPORT.md of a bundle: what the maintainers of keepalived (their form for bug reports) and of IPVS (lvs-devel, ipvsadm(8))
 * ask a reporter for, where in the bundle it is, and what to type for the rest.
 */
import type { RunRecord } from '../model/run-record.ts';
import type { RunEvent } from '../run/events.ts';
import type { RawLine } from '../run/raw-lines.ts';
import { recordOf } from '../run/record.ts';

export interface ReportInputs {
  readonly events: readonly RunEvent[];
  readonly raw: readonly RawLine[];
  /** Paths of the other files. */
  readonly files: readonly string[];
  readonly version: string;
  readonly redact: readonly string[];
}

/** `fact`: files of these facts, or files whose name holds `part`. */
interface Item {
  readonly what: string;
  readonly facts?: readonly string[];
  readonly part?: RegExp;
  readonly byHand: string;
}

const items: readonly Item[] = [
  { what: 'distribution and kernel', facts: ['os'], byHand: 'cat /etc/os-release; uname -a' },
  { what: 'keepalived version', part: /^ask-keepalived-version/, byHand: 'keepalived -v' },
  { what: 'ipvsadm version', part: /^ask-ipvsadm-version/, byHand: 'ipvsadm --version' },
  {
    what: 'keepalived.conf, passwords taken out',
    part: /keepalived_.*\.conf$|keepalived-as-root/,
    byHand: 'cat /etc/keepalived/keepalived.conf',
  },
  { what: 'notify and track scripts', byHand: 'the scripts that keepalived.conf names' },
  {
    what: 'log of keepalived from its start',
    part: /^ask-keepalived-journal/,
    byHand: 'journalctl -u keepalived -b --no-pager',
  },
  { what: 'IPVS rules', facts: ['ipvsRules'], byHand: 'ipvsadm -Sn' },
  { what: 'IPVS table with connections', facts: ['ipvsTable'], byHand: 'ipvsadm -Ln' },
  {
    what: 'counters (ipvsadm -Ln --stats), by destination, over the load',
    part: /-sampling\.txt$/,
    byHand: 'ipvsadm -Ln --stats --exact',
  },
  { what: 'rates', part: /^ask-rates/, byHand: 'ipvsadm -Ln --rate' },
  { what: 'connection entries of failed requests', part: /-entries\.txt$/, byHand: 'ipvsadm -Lnc | head -100' },
  {
    what: 'sysctls net.ipv4.vs.* and of the interfaces',
    facts: ['sysctl'],
    byHand: 'sysctl -a | grep -E "net.ipv4.(vs|conf|ip_forward)"',
  },
  { what: 'addresses (ip addr)', facts: ['addresses'], byHand: 'ip addr' },
  { what: 'links', facts: ['links'], byHand: 'ip -d link' },
  { what: 'routes the kernel takes (ip route get)', facts: ['routes'], byHand: 'ip route; ip rule' },
  { what: 'policy routing as a whole', part: /^ask-policy-/, byHand: 'ip rule; ip route show table all' },
  { what: 'packet filter (nft, iptables)', facts: ['firewall'], byHand: 'nft list ruleset; iptables-save -c' },
  { what: 'modules', facts: ['modules', 'ipvsSupport'], byHand: 'lsmod | grep ip_vs' },
  { what: 'state of the units', facts: ['units'], byHand: 'systemctl status keepalived ipvsadm' },
];

export function reportText({ events, raw, files, version, redact }: ReportInputs): string {
  const record = recordOf(events);
  const roles = new Map(record.cluster.hosts.map(({ name, role }) => [name, role]));
  return [
    `# Case file of run ${record.id}`,
    '',
    `Made by ipvet ${version}; the run was made by ipvet ${record.tool.version}. ${verdictWords(record)}`,
    `Taken out: secrets, MACs, login users, mail addresses and machine ids${redact.length === 0 ? '' : `; replaced: ${redact.join(' and ')}`}.`,
    '',
    `Judge it again, without a host: \`ipvet analyze FILE\`. ${raw.length === 0 ? '**It holds no raw facts, so it can only be read.**' : ''}`.trim(),
    '',
    '## Cluster',
    '',
    ...record.cluster.services.map(
      ({ name, vip, port, protocol, forwarding, scheduler, realServers }) =>
        `- service ${cell(name)}: ${protocol} ${vip}:${port}, ${forwarding}, ${scheduler}, ${realServers.length} real servers`,
    ),
    ...record.hosts.map(
      ({ name, role, os, kernel, reachable }) =>
        `- ${role} ${cell(name)}: ${reachable ? `${cell(os ?? 'unknown system')}, kernel ${cell(kernel ?? 'unknown')}` : 'not reached'}`,
    ),
    '',
    '## What was found',
    '',
    ...found(record),
    '',
    '## What maintainers ask for',
    '',
    '| what | where | by hand, where it is not held |',
    '| --- | --- | --- |',
    ...items.map((item) => row(item, files, roles)),
    '',
  ].join('\n');
}

function verdictWords({ verdict, exitCode, interrupted }: RunRecord): string {
  return `It ended with ${verdict.toUpperCase()}, exit code ${exitCode}${interrupted === undefined ? '' : `, before its time (${interrupted})`}.`;
}

function found({ diagnoses, verdicts, problems }: RunRecord): readonly string[] {
  const bad = verdicts.filter(({ outcome }) => ['fail', 'error', 'not-run'].includes(outcome));
  const lines = [
    ...diagnoses.map(
      ({ cause, host, certainty }) =>
        `- cause: ${cause}${host === undefined ? '' : ` on ${cell(host)}`} (${certainty})`,
    ),
    ...bad
      .slice(0, 100)
      .map(
        ({ outcome, check, subject, reason = '' }) =>
          `- ${outcome}: ${check} [${cell(subject.host ?? '')}] ${cell(reason)}`,
      ),
    ...(bad.length > 100 ? [`- and ${bad.length - 100} more in run.json`] : []),
    ...problems.map(({ code, message }) => `- problem ${code}: ${cell(message)}`),
  ];
  return lines.length === 0 ? ['Nothing failed.'] : lines;
}

function row(
  { what, facts, part, byHand }: Item,
  files: readonly string[],
  roles: ReadonlyMap<string, string>,
): string {
  const held = files.filter((path) => {
    const [, host = '', file = ''] = path.split('/');
    if (part?.test(file) === true) return true;
    if (facts === undefined || roles.get(host) === 'client') return false;
    return facts.some((fact) => file === `${fact}.txt` || file === `${fact}.post.txt`);
  });
  const first = held.slice(0, 6).map((path) => `\`${path}\``);
  const where =
    held.length === 0 ? 'not held' : `${first.join(' ')}${held.length > 6 ? ` and ${held.length - 6} more` : ''}`;
  return `| ${what} | ${where} | ${held.length === 0 ? `\`${byHand.replaceAll('|', String.raw`\|`)}\`` : ''} |`;
}

/** Text of a host on one line of Markdown, without its own markup. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|]/g, String.raw`\$&`)
    .slice(0, 500);
}
