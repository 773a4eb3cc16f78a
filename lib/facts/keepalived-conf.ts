/** keepalived.conf and what it includes from its folder, in the one round trip. */
import { parseVrrpConf } from '../parse/vrrp-conf.ts';
import { keepalivedConfig } from '../privileges/index.ts';
import { type Collector, firstLine, type Section, Unanswered } from './collector.ts';
import { requireStandsBy, standsBy } from './pair-questions.ts';
import { readAsRoot, rootText } from './root-text.ts';

const conf = '/etc/keepalived/keepalived.conf';
const included = ['/etc/keepalived/*.conf', '/etc/keepalived/*/*.conf'];
const hostname = '/proc/sys/kernel/hostname';
/** Options of the daemon, by Debian and by RHEL. */
const optionFiles = ['/etc/default/keepalived', '/etc/sysconfig/keepalived'];

export const keepalivedConf: Collector<'keepalivedConf'> = {
  fact: 'keepalivedConf',
  confidential: true,
  needsRoot: true,
  files: (questions) => (standsBy(questions) ? [...included, hostname, ...optionFiles] : []),
  command: () => `cat ${conf}`,
  script: (questions) => (standsBy(questions) ? `${readAsRoot(conf, keepalivedConfig)}\n:` : ''),
  parse: (section, questions) => {
    requireStandsBy(section, questions);
    const files = textsOf(section);
    if (section.unreadable.includes(conf) && !files.has(conf)) {
      throw new Unanswered(
        'permission',
        `${section.host}: ${conf} cannot be read by ${section.user}: ${firstLine(section.stderr) ?? 'no sudo rule for it'}`,
        '`ipvet doctor sudoers` shows the sudo rule it takes',
      );
    }
    const options = optionFiles.flatMap((path) => linesOf(section.files.get(path) ?? '')).join('\n');
    const named = /(?:^|[\s"'=])(?:-i|--config-id)[ =]?([\w.-]+)/m.exec(options)?.[1];
    const other = /(?:^|[\s"'=])(?:-f|--use-file)[ =]?(\/[^\s"']+)/m.exec(options)?.[1];
    const read = parseVrrpConf({
      files,
      main: conf,
      configId: named ?? (section.files.get(hostname) ?? '').trim().replace(/\..*$/, ''),
      readWhole: included,
      unreadable: section.unreadable.filter((path) => path !== conf || !files.has(conf)),
    });
    if (other === undefined || other === conf) return read;
    return { ...read, unsure: [...read.unsure, { path: conf, line: 1, what: `keepalived reads ${other} instead` }] };
  },
  show: (section) => [...textsOf(section)].map(([path, text]) => numbered(path, text)).join(''),
};

/** The main file first. */
function textsOf(section: Section): ReadonlyMap<string, string> {
  const main = section.files.get(conf) ?? rootText(section, conf);
  const others = [...section.files].filter(([path]) => path.startsWith('/etc/keepalived/') && path !== conf);
  return new Map([...(main === undefined ? [] : [[conf, main] as const]), ...others]);
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => !/^\s*#/.test(line));

/** Each line with its place, without comments and passwords. */
function numbered(path: string, text: string): string {
  return text
    .split('\n')
    .map((line, index) => ({ line: line.replace(/\bauth_pass\b.*/, 'auth_pass [redacted]').trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !/^[#!]/.test(line))
    .map(({ line, number }) => `${path}:${number}: ${line}\n`)
    .join('');
}
