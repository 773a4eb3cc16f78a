import { parseConfigTest } from '../parse/keepalived-log.ts';
import { keepalivedTest as command } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, Unanswered } from './collector.ts';
import { requireStandsBy, standsBy } from './pair-questions.ts';

export const keepalivedTest: Collector<'keepalivedTest'> = {
  fact: 'keepalivedTest',
  needsRoot: true,
  tool: { name: 'keepalived', packages: 'keepalived' },
  command: () => command.argv.join(' '),
  script: (questions) => (standsBy(questions) ? asRoot(command) : ''),
  parse: (section, questions) => {
    requireStandsBy(section, questions);
    const { host, exitCode, stdout, stderr } = section;
    // Ended by a signal, such as that of a sandbox: it did not come to judge.
    if (exitCode > 128)
      throw new Unanswered('command-failed', `${host}: keepalived --config-test was ended (${exitCode})`);
    return { exitCode, complaints: parseConfigTest(`${stdout}\n${stderr}`) };
  },
};
