/** Rules that keepalived looks after: its configuration is edited, judged by keepalived, put in place and followed in the kernel. */
import { setTimeout as pause } from 'node:timers/promises';
import { createPatch } from 'diff';
import { IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { keepalivedCandidateFile, testKeepalivedConfig } from '../privileges/index.ts';
import { redactor } from '../redaction.ts';
import type { Host } from '../ssh/host.ts';
import { writePrivately } from './director-files.ts';
import { readRules } from './director-rules.ts';
import { settled, type ServiceDrift, threeWayDrift } from './drift.ts';
import { changeFiles, type FileJob, type FileJobWatch } from './file-changes.ts';
import type { InstallationOptions } from './installation.ts';
import { type ConfView, declaredInConf } from './keepalived-conf.ts';
import { type EditedConf, editConf } from './keepalived-edit.ts';
import { confPath, keepalivedFile, type KeepalivedFiles, readKeepalivedFiles } from './keepalived-files.ts';
import { declaredView, samePlace, type ServiceView } from './rules-view.ts';
import { holdsVip } from './vip-holder.ts';
import { parseKeepalivedConf } from '../parse/keepalived-conf.ts';

export interface KeepalivedPlan {
  readonly host: Host;
  readonly files: KeepalivedFiles;
  readonly drift: readonly ServiceDrift[];
  /** Absent when it cannot be edited. */
  readonly edited?: EditedConf;
  /** Why not. */
  readonly obstacle?: IpvetError;
  /** Unified, without passwords; empty when there is nothing to edit. */
  readonly diff: string;
}

/** Reads only. Throws REFUSED when there is no keepalived.conf, and what reading it and the rules throws. */
export async function planKeepalived(cluster: Cluster, host: Host, signal: AbortSignal): Promise<KeepalivedPlan> {
  const { name } = host.declaration;
  const files = await readKeepalivedFiles(host, signal);
  if (files === undefined)
    throw new IpvetError(
      'REFUSED',
      `${cluster.file} says that keepalived manages the rules, and ${name} has no ${confPath}`,
      {
        host: name,
        hint: 'install and configure keepalived, or set managed_by: ipvsadm under rules',
      },
    );
  const kernel = (await readRules(host, signal)).rules;
  const drift = threeWayDrift({ declared: declaredView(cluster), conf: files.view, kernel });
  try {
    const edited = editConf(files.text, cluster, files);
    return { host, files, drift, edited, diff: diffOf(files, edited) };
  } catch (error) {
    if (!(error instanceof IpvetError) || error.code !== 'REFUSED') throw error;
    return { host, files, drift, obstacle: error, diff: '' };
  }
}

function diffOf({ path, text }: KeepalivedFiles, edited: EditedConf): string {
  if (text === edited.text) return '';
  // Lines with passwords are the same on both sides, and stay so.
  const patch = createPatch(path, redactor.text(text), redactor.text(edited.text), 'as it is', 'as it would be');
  return patch.replace(/^Index:.*\n=+\n/, '');
}

/** Whether the director is to be touched: the file differs, or the kernel does not follow it. */
export function needsChange({ edited, drift }: KeepalivedPlan): boolean {
  return edited?.changes.length !== 0 || !settled(drift);
}

/** As `changeFiles`. Directors that are as declared are left alone. */
export async function applyKeepalived(
  cluster: Cluster,
  plans: readonly KeepalivedPlan[],
  options: InstallationOptions,
): Promise<readonly string[]> {
  const jobs = plans.filter(needsChange).map(({ host, files, edited, obstacle }): FileJob => {
    if (edited === undefined) throw obstacle ?? new IpvetError('INTERNAL', `${host.declaration.name} has no plan`);
    return { host, kind: 'keepalived', edits: [{ file: keepalivedFile, before: files.text, after: edited.text }] };
  });
  return changeFiles(cluster, jobs, keepalivedWatch(cluster), options);
}

/** Before: keepalived judges the new file. After: the kernel follows it, and a director that had the VIP has it still. */
export function keepalivedWatch(cluster: Cluster): FileJobWatch {
  const { virtualServices } = cluster;
  const active = new Set<Host>();
  return {
    async before({ host, edits }, signal) {
      if (cluster.directors.length > 1 && (await holdsVip(host, virtualServices, signal))) active.add(host);
      for (const { before, after } of edits) await mustPassTest(host, before ?? '', after ?? '', signal);
    },
    async after({ host }, signal) {
      await mustFollow(host, declaredView(cluster), signal);
      if (active.has(host)) await mustHoldVip(host, virtualServices, signal);
    },
  };
}

/**
 * keepalived 2.2 says what it does not like on stderr, with exit code 5, also for what it makes do with. So only what it
 * did not say of the file in use already counts. A file that is not there is exit code 0 and a message.
 */
async function mustPassTest(host: Host, before: string, after: string, signal: AbortSignal): Promise<void> {
  const found = await complaints(host, after, signal);
  if (found.exitCode === 0 && found.lines.length === 0) return;
  const old = await complaints(host, before, signal);
  const fresh = found.lines.filter((line) => !old.lines.includes(line));
  if (fresh.length === 0 && (found.exitCode === 0 || old.exitCode === found.exitCode)) return;
  const { name } = host.declaration;
  throw new IpvetError(
    'REFUSED',
    `keepalived on ${name} refuses the new configuration: ${fresh.join('; ') || `exit code ${found.exitCode ?? 'none'}`}`,
    { host: name, hint: 'nothing was changed; `ipvet rules plan` shows the edit that it refuses' },
  );
}

async function complaints(host: Host, text: string, signal: AbortSignal) {
  await writePrivately(host, keepalivedCandidateFile, text, signal);
  const result = await host.exec(testKeepalivedConfig.argv, { asRoot: true, signal, exitCodes: 'any' });
  const said = `${result.stderr}\n${result.stdout}`;
  if (said.includes(`missing '${keepalivedCandidateFile}'`) || result.exitCode === 127)
    return { exitCode: result.exitCode ?? 1, lines: [said.trim()] };
  const lines = said
    .split('\n')
    // Paths in includes are looked for beside the file that is tested.
    .filter((line) => line.trim() !== '' && !/Config files missing|^sudo: unable to resolve host|setlocale/.test(line))
    .map((line) => redactor.text(line.replace(/^\((\S+: )?Line \d+\) /, '').trim()));
  return { exitCode: result.exitCode, lines };
}

const holdLimitMs = 10_000;

async function mustHoldVip(host: Host, services: Cluster['virtualServices'], signal: AbortSignal): Promise<void> {
  const began = performance.now();
  while (!(await holdsVip(host, services, signal))) {
    const { name } = host.declaration;
    if (performance.now() - began > holdLimitMs)
      throw new IpvetError('EXEC_FAILED', `keepalived on ${name} was reloaded, and ${name} has the VIP no longer`, {
        host: name,
        hint: `journalctl -u keepalived on ${name} says why it gave it up`,
      });
    await pause(500, undefined, { signal });
  }
}

const followLimitMs = 30_000;
/** How long a real server may be out before that is taken for its health check's verdict. */
const healthGraceMs = 8000;

async function mustFollow(host: Host, wanted: readonly ServiceView[], signal: AbortSignal): Promise<void> {
  const keys = new Set(wanted.map(({ key }) => key));
  const { name } = host.declaration;
  const began = performance.now();
  for (;;) {
    const files = await readKeepalivedFiles(host, signal);
    const kernel = (await readRules(host, signal)).rules;
    const conf = files?.view ?? declaredInConf([{ path: confPath, conf: parseKeepalivedConf('') }]);
    const drift = threeWayDrift({ declared: asked(conf, wanted), conf, kernel }).filter(({ key }) => keys.has(key));
    const elapsedMs = performance.now() - began;
    const gone = drift.every(({ state, in: places }) => state !== 'undeclared' || !places.includes('kernel'));
    const right = gone && settled(drift);
    if (right && (elapsedMs > healthGraceMs || drift.every(({ state }) => state !== 'health'))) return;
    if (elapsedMs > followLimitMs)
      throw new IpvetError(
        'EXEC_FAILED',
        `keepalived on ${name} was reloaded, and the kernel does not follow: ${drift.map(sentence).filter(Boolean).join('; ')}`,
        { host: name, hint: `journalctl -u keepalived on ${name} says what keepalived made of it` },
      );
    await pause(500, undefined, { signal });
  }
}

/** What the file says of the declared services. Thresholds that are not managed may be somebody's own in the kernel. */
function asked({ services }: ConfView, wanted: readonly ServiceView[]): readonly ServiceView[] {
  return services.flatMap((service) => {
    const declared = wanted.find(({ key }) => key === service.key);
    if (declared === undefined) return [];
    const realServers = service.realServers.map((server) => {
      const managed = declared.realServers.find((each) => samePlace(each, server))?.upperThreshold !== undefined;
      return managed ? server : { ...server, upperThreshold: undefined, lowerThreshold: undefined };
    });
    return [{ ...service, realServers }];
  });
}

/** Why a service is not settled, in one phrase; empty when it is. */
export function sentence({ key, name = key, state, note, differences, realServers }: ServiceDrift): string {
  if (state === 'same' || state === 'health') return '';
  const fields = (all: ServiceDrift['differences']) =>
    all.map(
      ({ field, values }) =>
        `${field} ${Object.entries(values)
          .map(([place, value]) => `${place} ${String(value)}`)
          .join(', ')}`,
    );
  const servers = realServers
    .filter((server) => server.state === 'drift')
    .map(
      (server) =>
        `${server.place} ${[server.note, ...fields(server.differences)].filter(Boolean).join(', ') || `only in ${server.in.join(' and ')}`}`,
    );
  return `${name}: ${[note, ...fields(differences), ...servers].filter(Boolean).join(', ')}`;
}
