/** Sections of the script's output that belong to no single fact. */
export const ownSections = {
  clock: 'read-clock',
  openFiles: 'open-files',
  become: 'become',
  root: 'level',
  files: 'read-files',
  ip: 'ask-ip',
  end: 'end',
} as const;
