import { type Collector, Unanswered } from './collector.ts';

/** machine-id(5); D-Bus had its own before, which is a link to it mostly. */
const places = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

export const machineId: Collector<'machineId'> = {
  fact: 'machineId',
  needsRoot: false,
  files: () => places,
  command: () => `cat ${places.join(' ')}`,
  script: () => '',
  parse: ({ host, files, unreadable }) => {
    // `uninitialized` while an image boots for the first time.
    const found = places.flatMap((path) => /^[0-9a-f]{32}$/.exec(files.get(path)?.trim() ?? '')?.[0] ?? [])[0];
    if (found === undefined && unreadable.length > 0) {
      throw new Unanswered('permission', `${host}: ${unreadable.join(', ')} cannot be read`);
    }
    return found ?? '';
  },
};
