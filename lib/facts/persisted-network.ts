/** What the next boot gives the host of addresses and gateways, by the files of whatever brings its interfaces up. */
import { networkFilePatterns, parsePersistedNetwork, scriptPatterns } from '../parse/persisted-network.ts';
import { type Collector, type Section, Unanswered } from './collector.ts';

const scriptsMark = '@scripts';
const profilesMark = '@profiles';
const executableMark = '@executable ';
/** Lines that name an address or a kernel parameter, as an extended regular expression. */
const telling = String.raw`([0-9]{1,3}\.){3}[0-9]|[0-9a-fA-F]:[0-9a-fA-F:]*:|/proc/sys/net/|sysctl.*net\.`;
const profileFields = ['connection.id', 'connection.interface-name', 'connection.autoconnect']
  .concat(
    ['ipv4', 'ipv6'].flatMap((family) => ['method', 'addresses', 'gateway', 'routes'].map((key) => `${family}.${key}`)),
  )
  .join(',');
const ownKeyfiles = '/etc/NetworkManager/system-connections';

/**
 * Keyfiles of NetworkManager are for root alone, as they may hold passwords; NetworkManager itself tells any user what
 * is in them but for those. It is asked only where such files are closed.
 */
export const persistedNetwork: Collector<'persistedNetwork'> = {
  fact: 'persistedNetwork',
  needsRoot: false,
  files: () => networkFilePatterns,
  command: () => `cat ${networkFilePatterns.join(' ')}; nmcli -f ${profileFields} connection show PROFILE`,
  script: () => String.raw`for f in /etc/rc.local /etc/rc.d/rc.local /etc/init.d/boot.local; do
if [ -x "$f" ]; then printf '${executableMark}%s\n' "$f"; fi
done
printf '${scriptsMark}\n'; grep -aHsE '${telling}' ${scriptPatterns.join(' ')}
closed=
for f in ${ownKeyfiles}/*; do if [ -e "$f" ] && [ ! -r "$f" ]; then closed=y; fi; done
if [ -d ${ownKeyfiles} ] && [ ! -r ${ownKeyfiles} ]; then closed=y; fi
if [ "$closed" = y ] && has nmcli; then printf '${profilesMark}\n'
bounded 5 nmcli -t -e no -m multiline -f ${profileFields} connection show $(bounded 5 nmcli -g UUID connection show)
printf '${profilesMark} %s\n' $?; fi
:`,
  parse: (section) => {
    const { scripts, nmcli, executable } = partsOf(section);
    const network = parsePersistedNetwork({
      files: [...section.files].map(([path, text]) => ({ path, text })),
      unreadable: section.unreadable,
      scripts: [...scripts].map(([path, text]) => ({ path, text })),
      executable,
      nmcli,
    });
    const { addresses, unread = [] } = network;
    const closed = unread.filter((path) => section.unreadable.includes(path));
    const nothing = addresses.every(({ address }) => address === '::1' || address.startsWith('127.'));
    if (closed.length === 0 || !nothing) return network;
    const hint = closed.some((path) => path.includes('/NetworkManager/'))
      ? `Look by hand: nmcli connection show, or as root: grep -r '' ${ownKeyfiles}`
      : 'Look by hand, as root, or let the login user read them.';
    throw new Unanswered('permission', `${section.host}: ${closed.join(', ')} cannot be read by ${section.user}`, hint);
  },
  show: (section) => {
    const { scripts, nmcli } = partsOf(section);
    const files = [...section.files].filter(([path]) => !path.includes('/NetworkManager/'));
    return [
      ...[...files, ...scripts].map(([path, text]) => linesOf(path, text)),
      // Of keyfiles only what names an address is kept: others may hold passwords.
      ...[...section.files]
        .filter(([path]) => path.includes('/NetworkManager/'))
        .map(([path, text]) => linesOf(path, text, /^(\[|address|route|gateway|method|interface-name|autoconnect)/)),
      nmcli ?? '',
      ...section.unreadable.map((path) => `${path}: cannot be read\n`),
    ].join('');
  },
};

function linesOf(path: string, text: string, keep = /\S/): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => keep.test(line) && !line.startsWith('#') && !/pass|psk|secret/i.test(line))
    .map((line) => `${path}: ${line}\n`)
    .join('');
}

function partsOf({ stdout }: Section): {
  readonly scripts: ReadonlyMap<string, string>;
  readonly nmcli: string | undefined;
  readonly executable: readonly string[];
} {
  const [before = '', after = ''] = stdout.split(`${scriptsMark}\n`);
  const [found = '', profiles = ''] = after.split(`${profilesMark}\n`);
  const ended = profiles.lastIndexOf(`${profilesMark} `);
  const answered = ended !== -1 && profiles.slice(ended).trim() === `${profilesMark} 0`;
  const scripts = new Map<string, string>();
  for (const line of found.split('\n')) {
    const [, path, text = ''] = /^(\/[^:]+):(.*)$/.exec(line) ?? [];
    if (path !== undefined) scripts.set(path, `${scripts.get(path) ?? ''}${text}\n`);
  }
  return {
    scripts,
    nmcli: answered ? profiles.slice(0, ended) : undefined,
    executable: before
      .split('\n')
      .flatMap((line) => (line.startsWith(executableMark) ? [line.slice(executableMark.length)] : [])),
  };
}
