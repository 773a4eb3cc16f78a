/** Who may log in without a password, and which hosts this one knows: what one host's ssh needs to reach another. */
import { namesHost, parseKnownHosts } from '../ssh/known-hosts.ts';
import type { Collector, Section } from './collector.ts';
import { parseFiles } from './script.ts';

/**
 * The home directory may hang on a network, so these files are read here, last of all, and not with the others. What
 * sshd allows is not asked: `sshd -T` costs more than all other facts together, and no check needs it.
 */
export const sshTrust: Collector<'sshTrust'> = {
  fact: 'sshTrust',
  needsRoot: false,
  confidential: true,
  command: () => 'cat ~/.ssh/authorized_keys ~/.ssh/known_hosts /etc/ssh/ssh_known_hosts',
  script: () => String.raw`set --
for f in "$H/.ssh/authorized_keys" "$H/.ssh/authorized_keys2" "$H/.ssh/known_hosts" "$H/.ssh/known_hosts2" /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2; do
if [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; printf '+%s\n' "$f"; fi
done
if [ $# -gt 0 ]; then grep -aH '' "$@"; fi
:`,
  parse: (section, { peers }) => {
    const { authorized, known } = partsOf(section);
    const entries = known
      .flatMap(([path, text]) => parseKnownHosts(text, path))
      .filter(({ marker }) => marker !== 'revoked');
    return {
      authorizedKeys: authorized.flatMap(([, text]) => linesOf(text)).length,
      knownHosts: peers.filter((peer) => entries.some((entry) => namesHost(entry, peer))),
    };
  },
  // Keys are left out: a report travels.
  show: (section) => {
    const { authorized, known } = partsOf(section);
    return [
      ...authorized.map(([path, text]) => `${path}: ${linesOf(text).length} keys`),
      ...known.map(([path, text]) => `${path}: ${linesOf(text).length} entries`),
    ].join('\n');
  },
};

type NamedText = readonly [string, string];

function partsOf({ stdout }: Section): {
  readonly authorized: readonly NamedText[];
  readonly known: readonly NamedText[];
} {
  const files = [...parseFiles(stdout).files];
  const isAuthorized = ([path]: NamedText): boolean => /\/authorized_keys2?$/.test(path);
  return { authorized: files.filter(isAuthorized), known: files.filter((file) => !isAuthorized(file)) };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\s*[^\s#]/.test(line));
}
