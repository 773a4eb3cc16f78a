/**
 * What a line of a remedy sets, and what of a host it may touch. Read off the line's own words: remedies are written by
 * ipvet's checks, in few forms, and what is not recognized is simply run.
 */

/** A line that can be run again without doing more: `echo` into a file only once, an address put in place of itself. */
export function repeatable(line: string): string {
  const echo = /^echo ('[^']*'|[\w./=-]+) >> (\S+)$/.exec(line);
  if (echo !== null) {
    const [, word = '', file = ''] = echo;
    return `grep -qsxF -- ${word} ${file} || ${line}`;
  }
  const address = /^(ip(?: -6)?) address add (.*)$/.exec(line);
  if (address !== null) return `${address[1] ?? ''} address replace ${address[2] ?? ''}`;
  const rule = /^(ip6?tables)((?: -t \S+)?) -I (\S+) 1 (.*)$/.exec(line);
  if (rule !== null) {
    const [, program = '', table = '', chain = '', match = ''] = rule;
    return `${program}${table} -C ${chain} ${match} 2>/dev/null || ${line}`;
  }
  return line;
}

export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Each setting that the line gives a value of its own. */
export function settingsOf(line: string): readonly Setting[] {
  const forms: readonly (readonly [RegExp, (parts: readonly string[]) => Setting])[] = [
    [
      /\bsysctl (?:-q?w) '?([^\s'=]+)=([^']*?)'?(?:$|[;&|])/g,
      ([key = '', value = '']) => ({ name: `sysctl ${key}`, value }),
    ],
    [
      /^echo '?([\w.*/-]+)=([^']*)'? >> (\S+)$/g,
      ([key = '', value = '', file = '']) => ({ name: `${key} in ${file}`, value }),
    ],
    [
      /^(ip(?: -6)?) route (?:replace|add|change) (\S+)((?: table \S+)?) (.*)$/g,
      ([program = '', prefix = '', table = '', way = '']) => ({
        name: `${program} route ${prefix}${table}`,
        value: way,
      }),
    ],
    [/^ip link set (\S+) (up|down)$/g, ([device = '', value = '']) => ({ name: `link ${device}`, value })],
    [/^ip link set (?:dev )?(\S+) mtu (\d+)$/g, ([device = '', value = '']) => ({ name: `mtu of ${device}`, value })],
    [/^hostnamectl set-hostname (.*)$/g, ([value = '']) => ({ name: 'hostname', value })],
    [
      /\bsystemctl (?:--now )?(enable|disable|start|stop|mask|unmask)(?: --now)? ([\w@.-]+)/g,
      ([verb = '', unit = '']) => ({
        name: `unit ${unit} ${['start', 'stop'].includes(verb) ? 'now' : 'at boot'}`,
        value: verb,
      }),
    ],
  ];
  return forms.flatMap(([form, read]) => [...line.matchAll(form)].map(([, ...parts]) => read(parts)));
}

/** Files of the host that the lines name: they are kept before, and put back as they were. */
export function filesOf(lines: readonly string[]): readonly string[] {
  const named = lines.flatMap((line) =>
    [
      ...line.matchAll(
        /(?<![\w.\\])\/(?:etc|usr\/local\/etc|usr\/lib|lib|var\/lib)\/[A-Za-z0-9_@%+:,./-]*[A-Za-z0-9_]/g,
      ),
    ].map(([file]) => file),
  );
  const implied = lines.some((line) => line.includes('hostnamectl')) ? ['/etc/hostname'] : [];
  return [...new Set([...named, ...implied])].filter((file) => !file.split('/').includes('..')).toSorted();
}

/** Paths under /proc/sys of the sysctls the lines name. */
export function sysctlPathsOf(lines: readonly string[]): readonly string[] {
  const keys = lines.flatMap((line) =>
    [...line.matchAll(/(?<![\w/.])((?:net|kernel|fs|vm)[./][A-Za-z0-9_@:./-]+)(?==)/g)].map(([, key = '']) => key),
  );
  return [...new Set(keys.map(sysctlPath))].filter((path) => !path.split('/').includes('..')).toSorted();
}

/** `net.ipv4.conf.eth0/100.rp_filter` is `net/ipv4/conf/eth0.100/rp_filter`: the first separator decides (sysctl(8)). */
function sysctlPath(key: string): string {
  const [first] = /[./]/.exec(key) ?? ['.'];
  return first === '/' ? key : key.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

export function unitsOf(lines: readonly string[]): readonly string[] {
  const units = lines.flatMap((line) =>
    [
      ...line.matchAll(
        /\bsystemctl (?:-\S+ )*(?:enable|disable|start|stop|restart|reload|mask|unmask)(?: -\S+)* ([\w@.-]+)/g,
      ),
    ].map(([, unit = '']) => unit),
  );
  return [...new Set(units)].toSorted();
}

/** Programs that list the packet filter, where the lines change it. */
export function filterListingsOf(lines: readonly string[]): readonly ('iptables-save' | 'ip6tables-save' | 'nft')[] {
  const text = lines.join('\n');
  return [
    ...(/\biptables\b/.test(text) ? (['iptables-save'] as const) : []),
    ...(/\bip6tables\b/.test(text) ? (['ip6tables-save'] as const) : []),
    ...(/\bnft\b|\bfirewall-cmd\b/.test(text) ? (['nft'] as const) : []),
  ];
}
