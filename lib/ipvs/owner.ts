/** Who owns the IPVS rules of a director: a program that makes them anew would undo ours, or be fought by ours. */
import { IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Host } from '../ssh/host.ts';
import { confPath, readKeepalivedFiles } from './keepalived-files.ts';
import { declaredView } from './rules-view.ts';

/** `ipvsadm`: the rules of /etc/ipvsadm.rules or /etc/sysconfig/ipvsadm are loaded at boot. It owns nothing while running. */
export type OwnerKind = 'keepalived' | 'ldirectord' | 'kube-proxy' | 'ipvsadm';

export interface RulesOwner {
  readonly kind: OwnerKind;
  /** What tells so: `keepalived runs as process 1132 (/usr/sbin/keepalived --dont-fork)`. */
  readonly because: string;
  /** File that keepalived was started with. */
  readonly confPath?: string;
}

export interface Ownership {
  readonly owners: readonly RulesOwner[];
  readonly evidence: Evidence;
}

/** Standard input of `sh -s`. Reads /proc with the shell itself: a program for each process would take seconds. */
export const ownershipScript = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"; export PATH
for p in /proc/[0-9]*; do
  c=; read -r c <"$p/comm" || continue
  case $c in
  keepalived | ldirectord | kube-proxy | kube-router)
    parent=; while read -r key value; do if [ "$key" = PPid: ]; then parent=$value; break; fi; done <"$p/status"
    printf 'process %s %s %s %s\n' "${'${p#/proc/}'}" "$parent" "$c" "$(tr '\0\n' '  ' <"$p/cmdline")" ;;
  esac
done 2>/dev/null
while read -r word rest; do
  case $word in kube-ipvs0:* | kube-dummy-if:*) printf 'interface %s\n' "${'${word%%:*}'}" ;; esac
done </proc/net/dev
if command -v systemctl >/dev/null 2>&1; then
  printf 'unit keepalived %s\n' "$(systemctl is-active keepalived 2>/dev/null)"
  printf 'unit ipvsadm %s\n' "$(systemctl is-enabled ipvsadm 2>/dev/null)"
fi
`;

/** One unprivileged command. Throws what `Host.exec` throws. */
export async function rulesOwner(host: Host, signal: AbortSignal): Promise<Ownership> {
  const { stdout, exitCode } = await host.exec(['sh', '-s'], { stdin: ownershipScript, signal });
  const evidence: Evidence = {
    host: host.declaration.name,
    command: 'ps -eo pid,ppid,comm,args; ip link; systemctl is-active keepalived; systemctl is-enabled ipvsadm',
    output: stdout,
    ...(exitCode === null ? {} : { exitCode }),
  };
  return { owners: parseOwners(stdout), evidence };
}

/** Lines of the script. Exported for tests. */
export function parseOwners(text: string): readonly RulesOwner[] {
  const lines = text.split('\n');
  const processes = lines.flatMap((line) => {
    const [, pid, parent, comm = '', args = ''] = /^process (\d+) (\d*) (\S+) ?(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid, parent, comm, args: args.trim() }];
  });
  const owners: RulesOwner[] = [];
  for (const { pid, parent, comm, args } of processes) {
    // keepalived's children are part of it.
    if (processes.some((other) => other.pid === parent && other.comm === comm)) continue;
    const because = `${comm} runs as process ${pid}${args === '' ? '' : ` (${args})`}`;
    if (comm === 'keepalived') owners.push({ kind: 'keepalived', because, confPath: pathOf(args) });
    else owners.push({ kind: comm === 'ldirectord' ? 'ldirectord' : 'kube-proxy', because });
  }
  for (const line of lines) {
    const [, name] = /^interface (\S+)$/.exec(line) ?? [];
    if (name !== undefined)
      owners.push({ kind: 'kube-proxy', because: `interface ${name} is there, which kube-proxy and kube-router make` });
    if (line.startsWith('unit ipvsadm enabled'))
      owners.push({ kind: 'ipvsadm', because: 'ipvsadm.service is enabled' });
  }
  return owners;
}

function pathOf(args: string): string {
  return /(?:^| )(?:--use-file[= ]|-f ?)(\S+)/.exec(args)?.[1] ?? confPath;
}

/**
 * Throws REFUSED, with what was seen and what to do, when something else than the cluster file says looks after the
 * declared services: before a change by ipvsadm, and before one of keepalived.conf. `managed_by: none` passes.
 */
export async function mustNotBeOwned(cluster: Cluster, host: Host, signal: AbortSignal): Promise<void> {
  const { managedBy } = cluster.rules;
  if (managedBy === 'none') return;
  const { owners } = await rulesOwner(host, signal);
  const { name } = host.declaration;
  const foreign = owners.find(({ kind }) => kind === 'kube-proxy' || kind === 'ldirectord');
  if (foreign !== undefined)
    throw new IpvetError('REFUSED', `the IPVS rules of ${name} belong to ${foreign.kind}: ${foreign.because}`, {
      host: name,
      hint:
        foreign.kind === 'ldirectord'
          ? 'change ldirectord.cf, or stop ldirectord; it puts its own rules back'
          : 'use a director that is no Kubernetes node; kube-proxy takes out and puts back rules as it sees fit',
    });
  const keepalived = owners.find(({ kind }) => kind === 'keepalived');
  if (managedBy === 'keepalived') {
    if (keepalived?.confPath === confPath) return;
    if (keepalived !== undefined)
      throw new IpvetError(
        'REFUSED',
        `keepalived on ${name} reads ${keepalived.confPath ?? 'another file'}, and ipvet edits ${confPath} only`,
        {
          host: name,
          hint: `edit ${keepalived.confPath ?? 'that file'} by hand; \`ipvet rules plan\` shows what differs`,
        },
      );
    throw new IpvetError(
      'REFUSED',
      `${cluster.file} says that keepalived manages the rules, and no keepalived runs on ${name}`,
      { host: name, hint: `systemctl start keepalived on ${name}, or set managed_by: ipvsadm under rules` },
    );
  }
  if (keepalived === undefined) return;
  const claim = await claimOf(cluster, host, keepalived, signal);
  if (claim === undefined) return;
  throw new IpvetError(
    'REFUSED',
    `${cluster.file} says that ipvsadm manages the rules, and on ${name} ${keepalived.because}: ${claim}`,
    {
      host: name,
      hint: 'set managed_by: keepalived under rules in the cluster file, or take the service out of keepalived.conf',
    },
  );
}

/** What makes the declared services keepalived's; undefined when its configuration has none of them. */
async function claimOf(
  cluster: Cluster,
  host: Host,
  keepalived: RulesOwner,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = keepalived.confPath ?? confPath;
  let view;
  try {
    view = (await readKeepalivedFiles(host, signal, path))?.view;
  } catch (error) {
    if (!(error instanceof IpvetError) || !['PERMISSION', 'EXEC_FAILED'].includes(error.code)) throw error;
    return `whether they are its own cannot be seen: ${error.message}`;
  }
  if (view === undefined) return undefined;
  const declared = new Set(declaredView(cluster).map(({ key }) => key));
  const found = view.services.find(({ key }) => declared.has(key));
  if (found !== undefined) return `${found.path} line ${found.line} has ${found.key}`;
  const [generator] = view.generators;
  if (generator === undefined) return undefined;
  return `whether they are its own cannot be seen from ${generator.path} line ${generator.line}`;
}
