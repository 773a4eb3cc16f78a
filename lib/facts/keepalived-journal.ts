import { parseKeepalivedLog } from '../parse/keepalived-log.ts';
import { keepalivedLog } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireSuccess } from './collector.ts';
import { requireStandsBy, standsBy } from './pair-questions.ts';

export const keepalivedJournal: Collector<'keepalivedJournal'> = {
  fact: 'keepalivedJournal',
  needsRoot: true,
  tool: { name: 'journalctl', packages: 'systemd' },
  command: () => keepalivedLog.argv.join(' '),
  script: (questions) => (standsBy(questions) ? asRoot(keepalivedLog) : ''),
  parse: (section, questions) => {
    requireStandsBy(section, questions);
    requireSuccess(section, 'journalctl');
    return parseKeepalivedLog(section.stdout, Number(section.clock?.text ?? NaN));
  },
};
