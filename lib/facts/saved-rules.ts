/**
 * IPVS rules that the next boot loads. Debian and Ubuntu: /etc/init.d/ipvsadm loads /etc/ipvsadm.rules when
 * /etc/default/ipvsadm says AUTO="true". RHEL and Fedora: ipvsadm.service loads /etc/sysconfig/ipvsadm. Either may be
 * told apart by what is there. Whether a unit is started is read from the links that `systemctl enable` makes.
 */
import type { SavedRules } from '../model/facts.ts';
import { parseKeepalivedServices } from '../parse/keepalived-services.ts';
import { isAutoStarted, parseSavedRules } from '../parse/saved-rules.ts';
import { keepalivedConfig, readIpvsadmSysconfig } from '../privileges/index.ts';
import { type Collector, firstLine, type Section, Unanswered } from './collector.ts';
import type { FactQuestions } from './questions.ts';
import { readAsRoot, rootText } from './root-text.ts';

const debianRules = '/etc/ipvsadm.rules';
const debianDefaults = '/etc/default/ipvsadm';
const initScript = '/etc/init.d/ipvsadm';
const sysconfig = '/etc/sysconfig/ipvsadm';
const conf = '/etc/keepalived/keepalived.conf';
const units = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
const unitFiles = units.map((folder) => `${folder}/ipvsadm.service`);

export const savedRules: Collector<'savedRules'> = {
  fact: 'savedRules',
  needsRoot: true,
  files: ({ root }) => [
    debianRules,
    debianDefaults,
    initScript,
    sysconfig,
    ...unitFiles,
    ...(root.managedBy === 'keepalived' ? ['/etc/keepalived/*.conf', '/etc/keepalived/conf.d/*.conf'] : [conf]),
  ],
  command: ({ root }) =>
    root.managedBy === 'keepalived'
      ? `cat ${conf}; systemctl is-enabled keepalived`
      : `cat ${debianRules} ${debianDefaults} ${sysconfig}; systemctl is-enabled ipvsadm`,
  // What the links say costs no process.
  script: ({ root }) => `for u in ipvsadm keepalived ldirectord; do
for l in /etc/systemd/system/*.wants/$u.service /etc/systemd/system/*.requires/$u.service /etc/rc[2345].d/S[0-9][0-9]$u; do
if [ -e "$l" ] || [ -L "$l" ]; then printf 'enabled %s\\n' $u; break; fi
done
if [ -L /etc/systemd/system/$u.service ] && [ ! -s /etc/systemd/system/$u.service ]; then printf 'masked %s\\n' $u; fi
done
if [ -d /run/systemd/system ]; then printf 'systemd\\n'; fi
${readManaged(root.managedBy)}
:`,
  parse: (section, { root }) =>
    root.managedBy === 'keepalived' ? ofKeepalived(section) : ofIpvsadm(section, root.managedBy),
  show: (section) =>
    [
      ...[...section.files]
        .filter(([path]) => [debianRules, debianDefaults, sysconfig].includes(path))
        .map(([path, text]) => lines(path, text, /^[^#]/)),
      ...[...textsOf(section, conf)].map(({ path, text }) =>
        lines(path, text, /virtual_server|real_server|lb_|lvs_|weight|persist/),
      ),
      lines(sysconfig, rootText(section, sysconfig) ?? '', /^-/),
      ...states(section).map((state) => `${state}\n`),
    ].join(''),
};

/** Only the manager of the cluster file may have its file read as root. */
function readManaged(managedBy: FactQuestions['root']['managedBy']): string {
  const command = { keepalived: keepalivedConfig, ipvsadm: readIpvsadmSysconfig, none: undefined }[managedBy];
  return command === undefined ? '' : readAsRoot(managedBy === 'keepalived' ? conf : sysconfig, command);
}

function lines(path: string, text: string, keep: RegExp): string {
  return text
    .split('\n')
    .filter((line) => keep.test(line))
    .map((line) => `${path}: ${line.trim()}\n`)
    .join('');
}

function states({ stdout }: Section): readonly string[] {
  return stdout.split('\n').filter((line) => /^(enabled|masked) /.test(line));
}

/** The named file first. Throws Unanswered when it is there and cannot be read. */
function textsOf(section: Section, main: string): readonly { readonly path: string; readonly text: string }[] {
  const folder = main.slice(0, main.lastIndexOf('/'));
  const own = section.files.get(main);
  const others =
    main === conf ? [...section.files].filter(([path]) => path !== main && path.startsWith(`${folder}/`)) : [];
  const rest = others.map(([path, text]) => ({ path, text }));
  const text = own ?? rootText(section, main);
  return text === undefined ? [] : [{ path: main, text }, ...rest];
}

function mustBeRead(section: Section, path: string, needed: boolean): void {
  if (!needed || !section.unreadable.includes(path) || textsOf(section, path).length > 0) return;
  throw new Unanswered(
    'permission',
    `${section.host}: ${path} cannot be read by ${section.user}: ${firstLine(section.stderr) ?? 'no sudo rule for it'}`,
    '`ipvet doctor sudoers` shows the sudo rule it takes',
  );
}

function ofKeepalived(section: Section): SavedRules {
  mustBeRead(section, conf, true);
  const texts = textsOf(section, conf);
  const others = alsoAtBoot(section, 'keepalived');
  if (texts.length === 0) return { keeper: 'none', services: [], ...others };
  return {
    keeper: 'keepalived',
    file: conf,
    ...startOf(section, 'keepalived'),
    ...parseKeepalivedServices(texts),
    ...others,
  };
}

function ofIpvsadm(section: Section, managedBy: 'ipvsadm' | 'none'): SavedRules {
  const keeper = keeperOf(section);
  const others = alsoAtBoot(section, 'ipvsadm');
  if (keeper === undefined) return { keeper: 'none', services: [], ...others };
  const file = keeper === 'ipvsadm-debian' ? debianRules : sysconfig;
  mustBeRead(section, file, keeper === 'ipvsadm-rhel' && managedBy === 'ipvsadm');
  const [text] = textsOf(section, file);
  const start = startOf(section, 'ipvsadm');
  const switched = keeper !== 'ipvsadm-debian' || isAutoStarted(section.files.get(debianDefaults) ?? '');
  return {
    keeper,
    file,
    ...(switched ? start : { atBoot: false, because: `${debianDefaults} does not say AUTO="true"` }),
    ...parseSavedRules(text?.text ?? ''),
    ...others,
  };
}

/** By what it reads: a unit of its own before the init script. */
function keeperOf({ files }: Section): 'ipvsadm-debian' | 'ipvsadm-rhel' | undefined {
  const unit = unitFiles.map((path) => files.get(path)).find((text) => text !== undefined && /^Exec/m.test(text));
  const program = unit !== undefined && !unit.includes(initScript) ? unit : files.get(initScript);
  if (program?.includes(debianRules) === true) return 'ipvsadm-debian';
  return program?.includes(sysconfig) === true ? 'ipvsadm-rhel' : undefined;
}

function startOf({ stdout }: Section, unit: string): Pick<SavedRules, 'atBoot' | 'because'> {
  const said = stdout.split('\n');
  if (said.includes(`masked ${unit}`)) return { atBoot: false, because: `${unit}.service is masked` };
  if (said.includes(`enabled ${unit}`)) return { atBoot: true };
  if (!said.includes('systemd')) return { because: `there is no systemd to ask whether ${unit} is started at boot` };
  return { atBoot: false, because: `${unit}.service is not enabled` };
}

/** keepalived without virtual servers only moves addresses, and Debian's ipvsadm without its switch does nothing. */
function alsoAtBoot(section: Section, manager: 'ipvsadm' | 'keepalived'): Pick<SavedRules, 'alsoAtBoot'> {
  const starts = (unit: string) => startOf(section, unit).atBoot === true;
  const found: string[] = [];
  if (manager === 'ipvsadm' && starts('keepalived') && hasServices(textsOf(section, conf)))
    found.push(`keepalived.service, with virtual servers in ${conf}`);
  if (manager === 'keepalived' && starts('ipvsadm')) {
    const keeper = keeperOf(section);
    if (keeper === 'ipvsadm-debian' && isAutoStarted(section.files.get(debianDefaults) ?? ''))
      found.push(`ipvsadm.service, with AUTO="true" in ${debianDefaults}`);
    if (keeper === 'ipvsadm-rhel') found.push(`ipvsadm.service, with ${sysconfig}`);
  }
  if (starts('ldirectord')) found.push('ldirectord.service');
  return found.length === 0 ? {} : { alsoAtBoot: found };
}

function hasServices(texts: readonly { readonly text: string }[]): boolean {
  return texts.some(({ text }) => /^\s*(@\S+\s+)?virtual_server\b/m.test(text));
}
