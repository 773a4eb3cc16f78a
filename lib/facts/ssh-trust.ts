/** Who may log in without a password, and which hosts this one knows: what one host's ssh needs to reach another. */
import type { SshTrust } from '../model/facts.ts';
import { namesHost, parseKnownHosts } from '../ssh/known-hosts.ts';
import type { Collector, Section } from './collector.ts';
import { parseFiles } from './script.ts';

const mark = '@sshd';
const systemFiles = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/**
 * The home directory may hang on a network, so these files are read here, last of all, and not with the others.
 * `sshd -T` needs root, and its own absolute path.
 */
export const sshTrust: Collector<'sshTrust'> = {
  fact: 'sshTrust',
  needsRoot: false,
  command: () => 'cat ~/.ssh/authorized_keys ~/.ssh/known_hosts /etc/ssh/ssh_known_hosts; sshd -T',
  script: () => `set --
for f in "$H/.ssh/authorized_keys" "$H/.ssh/authorized_keys2" "$H/.ssh/known_hosts" "$H/.ssh/known_hosts2" ${systemFiles.join(' ')}; do
if [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; printf '+%s\\n' "$f"; elif [ -e "$f" ]; then printf '!%s\\n' "$f"; fi
done
if [ $# -gt 0 ]; then grep -aH '' "$@"; fi
printf '${mark}\\n'
if [ "$R" = 1 ]; then for f in /usr/sbin/sshd /usr/local/sbin/sshd; do if [ -x "$f" ]; then "$f" -T; break; fi; done; fi
:`,
  parse: (section, { peers }) => {
    const { authorized, known, sshd } = partsOf(section);
    const entries = known
      .flatMap(([path, text]) => parseKnownHosts(text, path))
      .filter(({ marker }) => marker !== 'revoked');
    const passwords = /^passwordauthentication (yes|no)$/m.exec(sshd)?.[1];
    return {
      authorizedKeys: authorized.flatMap(([, text]) => keysOf(text)).length,
      // A name on another port stands there as `[name]:port`.
      knownHosts: peers.filter((peer) => entries.some((entry) => namesHost(entry, peer))),
      ...(passwords === undefined ? {} : { passwordAuthentication: passwords === 'yes' }),
    } satisfies SshTrust;
  },
  // Keys are left out: a report travels.
  show: (section) => {
    const { authorized, known, sshd } = partsOf(section);
    const files = [
      ...authorized.map(([path, text]) => `${path}: ${keysOf(text).length} keys\n`),
      ...known.map(([path, text]) => `${path}: ${keysOf(text).length} entries\n`),
    ];
    const settings = sshd
      .split('\n')
      .filter((line) =>
        /^(passwordauthentication|pubkeyauthentication|authorizedkeysfile|permitrootlogin|kbdinteractiveauthentication) /.test(
          line,
        ),
      );
    return `${files.join('')}${settings.join('\n')}`.trim();
  },
};

type NamedText = readonly [string, string];

function partsOf({ stdout }: Section): {
  readonly authorized: readonly NamedText[];
  readonly known: readonly NamedText[];
  readonly sshd: string;
} {
  const [fileText = '', sshd = ''] = `${stdout}\n`.split(`${mark}\n`);
  const files = [...parseFiles(fileText).files];
  const isAuthorized = ([path]: NamedText): boolean => /\/authorized_keys2?$/.test(path);
  return { authorized: files.filter(isAuthorized), known: files.filter((file) => !isAuthorized(file)), sshd };
}

function keysOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\s*[^\s#]/.test(line));
}
