import type { Collector } from './collector.ts';

/** Read off how the script itself got on. */
export const privilege: Collector<'privilege'> = {
  fact: 'privilege',
  needsRoot: false,
  command: () => 'id -u; sudo -n true',
  script: () => '',
  parse: ({ user, level, sudoMessage }) => ({
    user,
    level,
    ...(level === 'root' || sudoMessage === undefined ? {} : { sudoMessage }),
  }),
  show: ({ level, sudoMessage }) => (level === 'root' ? 'root' : (sudoMessage ?? 'not root, and sudo was not tried')),
};
