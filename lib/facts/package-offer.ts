import type { PackageOffer } from '../model/facts.ts';
import { parseOffer } from '../parse/package-offer.ts';
import type { Collector } from './collector.ts';

const mark = '@manager';
const name = 'ipvsadm';

/** Program, and how it is asked without going to the network. */
const managers = [
  { manager: 'apt', program: 'apt-cache', command: `apt-cache policy ${name}` },
  { manager: 'dnf', program: 'dnf', command: `dnf -C -q list ${name}` },
  { manager: 'yum', program: 'yum', command: `yum -C -q list ${name}` },
  { manager: 'zypper', program: 'zypper', command: `zypper --non-interactive --no-refresh info ${name}` },
  { manager: 'apk', program: 'apk', command: `apk --no-network policy ${name}` },
] as const;

/** Nothing is asked where the program is there already: then what could be installed does not matter. */
export const packageOffer: Collector<'packageOffer'> = {
  fact: 'packageOffer',
  needsRoot: false,
  command: () => managers.map(({ command }) => command).join(' || '),
  script: ({ root }) =>
    `${managers
      .map(
        ({ manager, program, command }, index) =>
          `${index === 0 ? 'if' : 'elif'} has ${program}; then printf '${mark} ${manager}\\n'; ${
            root.role === 'director'
              ? `if ! has ${name}; then bounded 8 ${command} 2>&1; printf '\\n${mark} = %s\\n' $?; fi`
              : ':'
          }`,
      )
      .join('\n')}
fi
:`,
  parse: ({ stdout }) => {
    const manager = managers.find((each) => stdout.startsWith(`${mark} ${each.manager}\n`))?.manager;
    if (manager === undefined) return { manager: 'none', offers: {} };
    const [, output = '', exitCode] = new RegExp(`^.*\\n([^]*)\\n${mark} = (\\d+)\\n?$`).exec(stdout) ?? [];
    const offer = exitCode === undefined ? undefined : parseOffer(manager, name, output, Number(exitCode));
    const offers: PackageOffer['offers'] = offer === undefined ? {} : { [name]: offer };
    return { manager, offers };
  },
  show: ({ stdout, stderr }) =>
    `${stdout.replace(new RegExp(`^${mark} = .*\\n?`, 'm'), '').replace(`${mark} `, '')}${stderr}`,
};
