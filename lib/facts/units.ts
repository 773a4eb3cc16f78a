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
  // systemd's own test for being the init system (sd_booted(3)). It looks for each unit it does not have in every folder
  // of its path, which on a slow host takes longer than all the rest; the shell looks where units are (systemd.unit(5)).
  script: (questions) =>
    questions.units.length === 0
      ? ''
      : `if [ -d /run/systemd/system ]; then
set --
for u in ${questions.units.map((name) => quoteArgv([name])).join(' ')}; do
for d in ${unitFolders.join(' ')}; do
if [ -e "$d/$u" ] || [ -L "$d/$u" ]; then set -- "$@" "$u"; break; fi
done
done
if [ $# -gt 0 ]; then bounded 10 ${quoteArgv(showWords)} "$@"; fi
else printf '${noSystemd}\\n'; fi`,
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

const showWords = ['systemctl', 'show', '--no-pager', '-p', unitProperties.join(','), '--'];

/** Scripts of init.d have a unit in generator.late. */
const unitFolders = [
  ...['/etc/systemd/system', '/run/systemd/system', '/run/systemd/generator', '/run/systemd/generator.late'],
  ...['/run/systemd/transient', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'],
];

function showCommand({ units: names }: FactQuestions): string {
  return quoteArgv([...showWords, ...names]);
}
