import { parseSyncDaemons, parseSyncedRows } from '../parse/connection-sync.ts';
import { ipvsadmDaemons } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireSuccess } from './collector.ts';
import { requireStandsBy, standsBy } from './pair-questions.ts';

const rowsMark = '@rows ';
/** Reading a table holds up the director that has it (before Linux 6.14): a large one is left alone. */
const mostEntries = 100_000;

/** Running ipvsadm loads ip_vs; a kernel that has not loaded it syncs nothing. */
export const connectionSync: Collector<'connectionSync'> = {
  fact: 'connectionSync',
  needsRoot: true,
  tool: { name: 'ipvsadm', packages: 'ipvsadm' },
  command: () => `${ipvsadmDaemons.argv.join(' ')}; cat /proc/net/ip_vs_conn_sync`,
  script: (questions) =>
    !standsBy(questions)
      ? ''
      : `if [ -e /proc/net/ip_vs ]; then
if [ -r /proc/net/ip_vs_conn_sync ]; then
awk '$1 == "->" { n += $5 + $6 } END { exit n > ${mostEntries} }' /proc/net/ip_vs &&
awk '$8 == "ESTABLISHED" { n[$9]++ } END { printf "${rowsMark}%d %d\\n", n["LOCAL"], n["SYNC"] }' /proc/net/ip_vs_conn_sync
fi
${asRoot(ipvsadmDaemons)}
fi`,
  parse: (section, questions) => {
    requireStandsBy(section, questions);
    requireSuccess(section, ipvsadmDaemons.argv.join(' '));
    const rows = parseSyncedRows(section.stdout, rowsMark);
    return { daemons: parseSyncDaemons(section.stdout), ...(rows === undefined ? {} : { rows }) };
  },
  show: ({ stdout, stderr }) =>
    `${stdout.replace(new RegExp(`^${rowsMark}(\\d+) (\\d+)$`, 'm'), 'ESTABLISHED: $1 LOCAL, $2 SYNC')}${stderr}`,
};
