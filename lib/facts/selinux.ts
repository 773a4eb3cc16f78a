import type { Collector } from './collector.ts';
import { ParseError } from '../parse/parse-error.ts';

const enforce = '/sys/fs/selinux/enforce';
const config = '/etc/selinux/config';

/** The kernel's own word (security/selinux/selinuxfs.c): the file is there only when SELinux is on. */
export const selinux: Collector<'selinux'> = {
  fact: 'selinux',
  needsRoot: false,
  files: () => [enforce, config],
  command: () => 'getenforce',
  script: () => '',
  parse: ({ files }) => {
    const mode = files.get(enforce)?.trim();
    if (mode === '1') return { mode: 'enforcing' };
    if (mode === '0') return { mode: 'permissive' };
    if (mode !== undefined) throw new ParseError(enforce, mode);
    // Switched off on a distribution that has it, or none at all.
    return { mode: files.has(config) ? 'disabled' : 'absent' };
  },
  show: ({ files }) =>
    files.has(enforce)
      ? `${enforce}: ${files.get(enforce) ?? ''}`
      : `${enforce} does not exist\n${files.get(config) ?? ''}`,
};
