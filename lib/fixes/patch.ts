/** The plan as what an operator reads, keeps and runs without ipvet: sh by host, an Ansible playbook, and the ways back. */
import { Document, isScalar, Scalar, visit } from 'yaml';
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import { visibleLine } from '../model/visible-text.ts';
import { quoteWord } from '../ssh/quote.ts';
import { type FixDocument, hostsOfFixes } from './document.ts';
import { type Fix, type FixFinding, findingName } from './plan.ts';

export interface PatchFile {
  readonly name: string;
  readonly text: string;
  /** A program. */
  readonly executable: boolean;
}

/** By name: `HOST.sh`, `HOST-undo.sh`, `playbook.yml`, `playbook-undo.yml`, `inventory.ini`. */
export function patchFiles(document: FixDocument, cluster: Cluster): readonly PatchFile[] {
  const hosts = hostsOfFixes(document);
  return [
    ...hosts.flatMap((host) => [
      { name: `${host}.sh`, text: patchText(document, host), executable: true },
      { name: `${host}-undo.sh`, text: undoText(document, host), executable: true },
    ]),
    { name: 'playbook.yml', text: playbookText(document, 'forth'), executable: false },
    { name: 'playbook-undo.yml', text: playbookText(document, 'back'), executable: false },
    { name: 'inventory.ini', text: inventoryText(cluster, hosts), executable: false },
  ];
}

/** Runs on its host as root; the first line that fails ends it. */
export function patchText(document: FixDocument, host: string): string {
  return [
    ...head(document, host, `Takes it back: ${host}-undo.sh`),
    'set -eu',
    ...fixesOf(document, host).flatMap((fix) => [
      '',
      ...about(fix),
      ...fix.commands,
      ...(fix.persistent.length === 0 ? [] : ['# after a reboot too', ...fix.persistent]),
    ]),
    '',
  ].join('\n');
}

/** The last fix first. Every line is run, whatever became of the one before; the exit code is 1 when one failed. */
export function undoText(document: FixDocument, host: string): string {
  return [
    ...head(document, host, `Takes back what ${host}.sh did`),
    'set -u',
    'failed=0',
    ...fixesOf(document, host)
      .toReversed()
      .flatMap((fix) => ['', ...about(fix), ...fix.undo.flatMap((line) => ['{', line, '} || failed=1'])]),
    '',
    'exit $failed',
    '',
  ].join('\n');
}

function head({ id, cluster, run }: FixDocument, host: string, undo: string): string[] {
  return [
    '#!/bin/sh',
    comment(`${id}: ${host} of ${cluster.name}, as judged at ${run.judgedAt} (run ${run.id}).`),
    comment(`Read it, then run it on ${host} as root. ${undo}.`),
    'LC_ALL=C; export LC_ALL',
    'PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH',
  ];
}

/** What hosts said is in here: on one line, and with nothing that an editor or a terminal would obey. */
function comment(text: string): string {
  return `# ${visibleLine(text)}`;
}

function about({ number, summary, findings }: Fix): string[] {
  return [comment(`${number}. ${summary}`), ...findings.flatMap(explained)];
}

function explained(finding: FixFinding): string[] {
  const { reason, why, found, expected } = finding;
  return [
    comment(`${findingName(finding)}: ${reason}`),
    ...(why === undefined ? [] : [comment(`  why: ${why}`)]),
    ...(found === undefined ? [] : [comment(`  found: ${JSON.stringify(found)}`)]),
    ...(expected === undefined ? [] : [comment(`  expected: ${JSON.stringify(expected)}`)]),
  ];
}

function fixesOf({ fixes }: FixDocument, host: string): readonly Fix[] {
  return fixes.filter((fix) => fix.host === host);
}

/**
 * One play for each host, one task for each fix and one more for what survives a reboot. Every text is `!unsafe`: Ansible
 * would otherwise take what a host said for a template, and run it on the machine of whoever plays it.
 */
export function playbookText(document: FixDocument, way: 'forth' | 'back'): string {
  const plays = hostsOfFixes(document).map((host) => {
    const fixes = fixesOf(document, host);
    return {
      name: `${document.id}: ${host}`,
      hosts: host,
      become: true,
      gather_facts: false,
      tasks:
        way === 'forth'
          ? fixes.flatMap((fix) => [
              ...task(taskName(fix), fix.commands, 'first'),
              ...task(`${taskName(fix)} (after a reboot too)`, fix.persistent, 'first'),
            ])
          : fixes.toReversed().flatMap((fix) => task(`Undo of ${taskName(fix)}`, fix.undo, 'all')),
    };
  });
  const yaml = new Document(plays);
  yaml.commentBefore = [
    ` ${visibleLine(`${document.id} of ${document.cluster.name}, as judged at ${document.run.judgedAt} (run ${document.run.id}).`)}`,
    ` ansible-playbook -i inventory.ini ${way === 'forth' ? 'playbook.yml' : 'playbook-undo.yml'}`,
  ].join('\n');
  visit(yaml, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(value) || typeof value.value !== 'string' || !isScalar(key)) return;
      if (key.value === 'cmd' || key.value === 'name') value.tag = '!unsafe';
      if (key.value === 'cmd') value.type = Scalar.BLOCK_LITERAL;
    },
  });
  return yaml.toString({ lineWidth: 0 });
}

function taskName({ summary, findings }: Fix): string {
  return visibleLine(`${summary} [${findings.map(findingName).join(', ')}]`);
}

/** What a line changed it does not say, so each that ran counts as a change. */
function task(name: string, lines: readonly string[], until: 'first' | 'all') {
  if (lines.length === 0) return [];
  const text =
    until === 'first'
      ? `set -eu\n${lines.join('\n')}\n`
      : `set -u\nfailed=0\n${lines.map((line) => `{\n${line}\n} || failed=1`).join('\n')}\nexit $failed\n`;
  return [{ name, 'ansible.builtin.shell': { cmd: text, executable: '/bin/sh' }, changed_when: true }];
}

/** The hosts under their names in the cluster file, reached as ipvet reaches them. */
export function inventoryText(cluster: Cluster, hosts: readonly string[]): string {
  const all: readonly ClusterHost[] = [...cluster.directors, ...cluster.realServers, ...cluster.clients];
  const byName = new Map(all.map((host) => [host.name, host]));
  return `${hosts
    .map((name) => {
      const host = byName.get(name);
      return [name, ...(host === undefined ? [] : variablesOf(host, cluster, byName))].join(' ');
    })
    .join('\n')}\n`;
}

function variablesOf(host: ClusterHost, cluster: Cluster, byName: ReadonlyMap<string, ClusterHost>): string[] {
  if (host.host === 'localhost')
    return [
      'ansible_connection=local',
      ...(host.netns === undefined ? [] : [`# its network is the namespace ${host.netns} of this machine`]),
    ];
  const { configFile, user } = cluster.ssh;
  const login = host.user ?? user;
  const jump = jumpsOf(host, byName, user);
  const options = [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(jump.length === 0 ? [] : ['-J', jump.join(',')]),
  ];
  return [
    `ansible_host=${host.host}`,
    ...(host.port === undefined ? [] : [`ansible_port=${host.port}`]),
    ...(login === undefined ? [] : [`ansible_user=${login}`]),
    ...(options.length === 0 ? [] : [`ansible_ssh_common_args=${JSON.stringify(options.map(quoteWord).join(' '))}`]),
  ];
}

/** As for `ssh -J`: the first one is the nearest to us. */
function jumpsOf(
  { jump }: ClusterHost,
  byName: ReadonlyMap<string, ClusterHost>,
  user: string | undefined,
): readonly string[] {
  const through = jump === undefined ? undefined : byName.get(jump);
  if (through === undefined) return [];
  const login = through.user ?? user;
  const address = through.host.includes(':') ? `[${through.host}]` : through.host;
  const self = `${login === undefined ? '' : `${login}@`}${address}${through.port === undefined ? '' : `:${through.port}`}`;
  return [...jumpsOf(through, byName, user), self];
}
