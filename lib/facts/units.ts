import { parseUnits, unitProperties } from '../parse/systemd-units.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { type Collector, requireSuccess } from './collector.ts';
import type { FactQuestions } from './questions.ts';

const noSystemd = '@no-systemd';

export const units: Collector<'units'> = {
  fact: 'units',
  needsRoot: false,
  tool: { name: 'systemctl', packages: 'systemd' },
  command: showCommand,
  // systemd's own test for being the init system (sd_booted(3)).
  script: (questions) =>
    questions.units.length === 0
      ? ''
      : `if [ -d /run/systemd/system ]; then bounded 10 ${showCommand(questions)}; else printf '${noSystemd}\\n'; fi`,
  parse: (section, questions) => {
    if (section.stdout.trim() === noSystemd) return { systemd: false, units: [] };
    requireSuccess(section, 'systemctl show');
    return { systemd: questions.units.length > 0, units: parseUnits(section.stdout) };
  },
  show: ({ stdout, stderr }) =>
    `${stdout
      .replace(noSystemd, '/run/systemd/system does not exist')
      .split(/\n{2,}/)
      .filter((block) => !block.includes('LoadState=not-found'))
      .map((block) => block.trim().replaceAll('\n', ' '))
      .join('\n')}${stderr}`,
};

function showCommand({ units: names }: FactQuestions): string {
  return quoteArgv(['systemctl', 'show', '--no-pager', '-p', unitProperties.join(','), '--', ...names]);
}
