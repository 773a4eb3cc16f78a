/** What a package manager says it could install, from what it has on disk. */
import type { PackageOffer } from '../model/facts.ts';

type Manager = Exclude<PackageOffer['manager'], 'none'>;

/** Version it offers, null where it knows of none, undefined where it does not say. */
export function parseOffer(
  manager: Manager,
  name: string,
  output: string,
  exitCode: number,
): string | null | undefined {
  switch (manager) {
    case 'apt':
      return candidateOf(name, output, exitCode);
    case 'dnf':
    case 'yum':
      return listedBy(name, output);
    case 'zypper':
      return describedBy(output);
    case 'apk':
      return policyOf(name, output, exitCode);
  }
}

/** `apt-cache policy`: says nothing of a name it does not know; `Candidate: (none)` of one without a version. */
function candidateOf(name: string, output: string, exitCode: number): string | null | undefined {
  if (exitCode !== 0) return undefined;
  const block = output.split(/^(?=\S)/m).find((each) => each.startsWith(`${name}:`));
  if (block === undefined) return null;
  const candidate = /^\s+Candidate: (\S+)/m.exec(block)?.[1];
  return candidate === undefined || candidate === '(none)' ? null : candidate;
}

/** `dnf -C list NAME`, `yum -C list NAME`: `ipvsadm.x86_64  1.31-6.el9  appstream`. */
function listedBy(name: string, output: string): string | null | undefined {
  for (const line of output.split('\n')) {
    const [package_ = '', version] = line.trim().split(/\s+/);
    if (package_.startsWith(`${name}.`) && version !== undefined) return version;
  }
  return /No matching Packages to list/i.test(output) ? null : undefined;
}

/** `zypper info NAME`. */
function describedBy(output: string): string | null | undefined {
  const version = /^Version\s*:\s*(\S+)/m.exec(output)?.[1];
  return version ?? (/^package '.*' not found/m.test(output) ? null : undefined);
}

/** `apk policy NAME`: `NAME policy:`, then a line `  VERSION:` for each version; nothing for a name it does not know. */
function policyOf(name: string, output: string, exitCode: number): string | null | undefined {
  if (exitCode !== 0) return undefined;
  if (!output.startsWith(`${name} policy:`)) return null;
  return /^ {2}(\S+):$/m.exec(output)?.[1] ?? null;
}
