/** `rules save`: what a director's kernel has for the declared services is kept over a reboot, as the host does that. */
import { createPatch } from 'diff';
import { IpvetError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Host } from '../ssh/host.ts';
import { type FileEdit, readDirectorFile } from './director-files.ts';
import { readRules } from './director-rules.ts';
import { changeFiles, type FileJob, type FileJobWatch } from './file-changes.ts';
import type { InstallationOptions } from './installation.ts';
import { findPersistence, type Persistence, savedRules, withAutoStart } from './persistence.ts';
import { declaredView, kernelView } from './rules-view.ts';

export interface SavePlan {
  readonly host: Host;
  readonly persistence: Persistence;
  readonly job: FileJob;
  /** Unified; empty when the files are as they should be. */
  readonly diff: string;
  /** Declared services that the kernel does not have, and so are not kept. */
  readonly absent: readonly string[];
  /** What the operator has to do himself. */
  readonly notes: readonly string[];
}

/** Reads only. Throws REFUSED when nothing is known that keeps rules, or a kept rule cannot be read. */
export async function planSave(cluster: Cluster, host: Host, signal: AbortSignal): Promise<SavePlan> {
  const persistence = await findPersistence(host, signal);
  const kernel = (await readRules(host, signal)).rules;
  const declared = new Set(declaredView(cluster).map(({ key }) => key));
  const { rules, defaults } = persistence;
  const edits: FileEdit[] = [];
  const before = await readDirectorFile(host, rules, signal);
  try {
    edits.push({ file: rules, before, after: savedRules({ path: rules.path, text: before ?? '' }, kernel, declared) });
  } catch (error) {
    if (!(error instanceof IpvetError)) throw error;
    const { name } = host.declaration;
    throw new IpvetError(error.code, `${name}: ${error.message}`, { host: name, hint: error.hint ?? '', cause: error });
  }
  if (defaults !== undefined) {
    const text = await readDirectorFile(host, defaults, signal);
    edits.push({ file: defaults, before: text, after: withAutoStart(text ?? '') });
  }
  const changed = edits.filter((edit) => edit.before !== edit.after);
  const present = new Set(kernelView(kernel).map(({ key }) => key));
  return {
    host,
    persistence,
    job: {
      host,
      kind: 'saved',
      edits: changed,
      ...(persistence.enabled === 'no' ? { unit: 'enable' as const } : {}),
    },
    diff: changed
      .map(({ file, before: old, after }) =>
        createPatch(file.path, old ?? '', after ?? '', 'as it is', 'as it would be').replace(/^Index:.*\n=+\n/, ''),
      )
      .join(''),
    absent: [...declared].filter((key) => !present.has(key)),
    notes:
      persistence.enabled === 'unknown'
        ? ['there is no systemd to ask whether the rules are loaded at boot: see chkconfig or update-rc.d']
        : persistence.kind === 'sysconfig'
          ? ['ipvsadm.service writes the file anew when it is stopped, without connection thresholds: save again then']
          : [],
  };
}

export function savesAnything({ job }: SavePlan): boolean {
  return job.edits.length > 0 || job.unit !== undefined;
}

/** As `changeFiles`. */
export function applySave(
  cluster: Cluster,
  plans: readonly SavePlan[],
  options: InstallationOptions,
): Promise<readonly string[]> {
  return changeFiles(
    cluster,
    plans.filter(savesAnything).map(({ job }) => job),
    saveWatch,
    options,
  );
}

/** Each file is read back as it is put in place; nothing else follows from it before the next boot. */
export const saveWatch: FileJobWatch = {
  before: () => Promise.resolve(),
  after: () => Promise.resolve(),
};
