import { moduleName, modulesAtBoot, modulesLoadPatterns, parseProcModules } from '../parse/kernel-modules.ts';
import { quoteWord } from '../ssh/quote.ts';
import type { Collector } from './collector.ts';
import type { FactQuestions } from './questions.ts';

const loaded = '/proc/modules';
const builtIn = '@built-in ';

/** A kernel without loadable modules has no /proc/modules, and all it has built in. */
export const modules: Collector<'modules'> = {
  fact: 'modules',
  needsRoot: false,
  files: () => [loaded, ...modulesLoadPatterns],
  command: () => `cut -d' ' -f1 ${loaded}; cat /lib/modules/*/modules.builtin; cat ${modulesLoadPatterns.join(' ')}`,
  // What is built in shows in /sys/module where it has parameters or a version; the list of the kernel's build has it all.
  // dash reads a file byte by byte, and that list is long.
  script: (questions) => `for s in ${asked(questions).map(quoteWord).join(' ')}; do
if [ -d "/sys/module/$s" ]; then printf '${builtIn}%s\\n' "$s"; fi
done
r=; { read -r r </proc/sys/kernel/osrelease; } 2>/dev/null
f=/lib/modules/$r/modules.builtin
if [ -f "$f" ] && [ -r "$f" ]; then for l in $(grep -E '/(${asked(questions)
    .map((name) => name.replaceAll('_', '[-_]'))
    .join('|')})\\.ko$' "$f"); do
l=\${l##*/}; printf '${builtIn}%s\\n' "\${l%.ko}"
done; fi
if [ -d /run/systemd/system ]; then printf 'systemd\\n'; fi
:`,
  parse: ({ files, stdout }) => {
    const lines = stdout.split('\n');
    const rest = lines.flatMap((line) => (line.startsWith(builtIn) ? [moduleName(line.slice(builtIn.length))] : []));
    const present = [...new Set([...parseProcModules(files.get(loaded) ?? ''), ...rest])];
    return { present, atBoot: modulesAtBoot(files, { systemd: lines.includes('systemd') }) };
  },
  show: ({ files, stdout }) =>
    [
      ...[...files].flatMap(([path, text]) =>
        text
          .split('\n')
          .filter((line) => line.trim() !== '' && !line.startsWith('#'))
          .map((line) => (path === loaded ? line : `${path}:${line}`)),
      ),
      ...stdout
        .split('\n')
        .flatMap((line) => (line.startsWith(builtIn) ? [`${line.slice(builtIn.length)} is there`] : [])),
    ].join('\n'),
};

function asked({ modules: names }: FactQuestions): readonly string[] {
  return names.map(moduleName).filter((name) => /^\w+$/.test(name));
}
