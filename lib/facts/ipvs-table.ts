import { parseIpvsTable, parseIpvsTimeouts } from '../parse/ipvs-table.ts';
import { ipvsadmTimeouts } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireFile, Unanswered } from './collector.ts';

const table = '/proc/net/ip_vs';

/** The table is for everybody to read; its timers are asked of ipvsadm, which would load IPVS where it is not. */
export const ipvsTable: Collector<'ipvsTable'> = {
  fact: 'ipvsTable',
  needsRoot: 'if-allowed',
  files: () => [table],
  command: () => `cat ${table}; ${ipvsadmTimeouts.argv.join(' ')}`,
  script: () => `if [ -e ${table} ]; then ${asRoot(ipvsadmTimeouts)}; fi
:`,
  parse: (section) => {
    if (!section.files.has(table) && section.unreadable.length === 0) {
      throw new Unanswered('unsupported', `${section.host}: IPVS is not loaded, so it has no connection table`);
    }
    const timeoutsS = parseIpvsTimeouts(section.stdout);
    return { ...parseIpvsTable(requireFile(section, table)), ...(timeoutsS === undefined ? {} : { timeoutsS }) };
  },
};
