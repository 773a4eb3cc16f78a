import { keyOfSysctlPath, pathOfSysctlKey, persistedSysctls, sysctlFilePatterns } from '../parse/sysctl.ts';
import { type Collector, type Section, Unanswered } from './collector.ts';

const kernelFiles = '/proc/sys/';

export const persistedSysctl: Collector<'persistedSysctl'> = {
  fact: 'persistedSysctl',
  needsRoot: false,
  // The run-time keys are read too: a glob in a file sets those it matches.
  files: ({ sysctlKeys }) => [...sysctlFilePatterns, ...sysctlKeys.map(pathOfSysctlKey)],
  command: () => `grep -HEv '^[[:space:]]*([#;]|$)' ${sysctlFilePatterns.join(' ')}`,
  script: () => `if [ -d /run/systemd/system ]; then printf 'systemd\\n'; fi`,
  parse: (section) => {
    const settings = settingsOf(section);
    const closed = section.unreadable.filter(isSettings);
    if (closed.length > 0) {
      const hint = `Let ${section.user} read what systemd-sysctl reads (chmod o+r), as distributions install it.`;
      throw new Unanswered('permission', `${section.host}: ${closed.join(', ')} cannot be read`, hint);
    }
    // sysctl.d(5): a link to /dev/null takes the place of a file of the same name further down.
    const masked = section.irregular
      .filter((path) => isSettings(path) && path !== '/etc/sysctl.conf')
      .map((path) => ({ path, text: '' }));
    const keys = [...section.files.keys()].flatMap((path) => keyOfSysctlPath(path) ?? []);
    return persistedSysctls([...settings, ...masked], keys, { systemd: section.stdout.includes('systemd') });
  },
  show: (section) =>
    settingsOf(section)
      .flatMap(({ path, text }) => text.split('\n').map((line) => (isComment(line) ? '' : `${path}:${line}\n`)))
      .join(''),
};

function isComment(line: string): boolean {
  return /^\s*([#;]|$)/.test(line);
}

function isSettings(path: string): boolean {
  return !path.startsWith(kernelFiles);
}

function settingsOf({ files }: Section): readonly { readonly path: string; readonly text: string }[] {
  return [...files].filter(([path]) => isSettings(path)).map(([path, text]) => ({ path, text }));
}
