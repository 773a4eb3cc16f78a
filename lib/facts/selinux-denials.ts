import { parseDenials } from '../parse/selinux-denials.ts';
import { selinuxDenialSearch } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireSuccess } from './collector.ts';

/** Asked only where the kernel has SELinux switched on. */
export const selinuxDenials: Collector<'selinuxDenials'> = {
  fact: 'selinuxDenials',
  needsRoot: true,
  tool: { name: 'ausearch', packages: 'audit' },
  command: () => selinuxDenialSearch.argv.join(' '),
  script: () => `if [ -e /sys/fs/selinux/enforce ]; then ${asRoot(selinuxDenialSearch)}; fi`,
  parse: (section) => {
    // Nothing found is exit code 1, too, with words of its own.
    if (section.exitCode === 1 && section.stderr.includes('<no matches>')) return [];
    requireSuccess(section, 'ausearch');
    return parseDenials(section.stdout);
  },
};
