/**
 * How a director keeps its IPVS rules over a reboot, found by what is there and not by the name of the distribution.
 *
 * Debian and Ubuntu: /etc/init.d/ipvsadm loads /etc/ipvsadm.rules when /etc/default/ipvsadm says AUTO="true"; systemd makes
 * a unit of it. RHEL and Fedora: ipvsadm.service loads /etc/sysconfig/ipvsadm, and writes it anew when it is stopped.
 */
import { IpvetError } from '../errors.ts';
import type { IpvsRules } from '../model/facts.ts';
import { ruleKey } from '../model/service-rule.ts';
import { parseIpvsRules } from '../parse/ipvs-rules.ts';
import {
  readIpvsadmSysconfig,
  removeIpvsadmSysconfig,
  writeIpvsadmDefaults,
  writeIpvsadmRules,
  writeIpvsadmSysconfig,
} from '../privileges/index.ts';
import type { Host } from '../ssh/host.ts';
import type { DirectorFile } from './director-files.ts';
import { rulesLines } from './words.ts';

export const debianRules: DirectorFile = { path: '/etc/ipvsadm.rules', write: writeIpvsadmRules };
export const debianDefaults: DirectorFile = { path: '/etc/default/ipvsadm', write: writeIpvsadmDefaults };
export const sysconfig: DirectorFile = {
  path: '/etc/sysconfig/ipvsadm',
  read: readIpvsadmSysconfig,
  write: writeIpvsadmSysconfig,
  remove: removeIpvsadmSysconfig,
};

export interface Persistence {
  readonly kind: 'debian' | 'sysconfig';
  /** What was seen, for people. */
  readonly because: string;
  readonly rules: DirectorFile;
  /** Debian's switch. */
  readonly defaults?: DirectorFile;
  /** Whether the rules are loaded at boot; `unknown` where there is no systemd to ask. */
  readonly enabled: 'yes' | 'no' | 'unknown';
}

const script = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"; export PATH
for f in /etc/init.d/ipvsadm /etc/rc.d/init.d/ipvsadm /etc/default/ipvsadm /etc/ipvsadm.rules /etc/sysconfig/ipvsadm; do
  if [ -e "$f" ]; then printf 'file %s\n' "$f"; fi
done
for f in /etc/init.d/ipvsadm /etc/rc.d/init.d/ipvsadm; do
  if [ -r "$f" ]; then sed -n 's|^.*\(/etc/ipvsadm\.rules\).*$|reads \1|p; s|^.*\(/etc/sysconfig/ipvsadm\).*$|reads \1|p' "$f"; fi
done
if command -v systemctl >/dev/null 2>&1; then
  systemctl cat ipvsadm 2>/dev/null | sed -n 's/^Exec/unit Exec/p; s/^SourcePath=/unit SourcePath=/p'
  printf 'enabled %s\n' "$(systemctl is-enabled ipvsadm 2>/dev/null)"
fi
`;

/** Throws REFUSED when the director has no way of keeping rules that is known here. */
export async function findPersistence(host: Host, signal: AbortSignal): Promise<Persistence> {
  const { stdout } = await host.exec(['sh', '-s'], { stdin: script, signal });
  const found = parsePersistence(stdout);
  if (found !== undefined) return found;
  const { name } = host.declaration;
  const unit = /^unit Exec\w*=(.*)$/m.exec(stdout)?.[1];
  throw new IpvetError(
    'REFUSED',
    unit === undefined
      ? `${name} has neither an ipvsadm.service nor an init script that loads IPVS rules at boot`
      : `${name}: ipvsadm.service loads its rules from a place that is not known here: ${unit}`,
    {
      host: name,
      hint: 'install the package ipvsadm; or keep the output of ipvsadm-save -n where the host loads it from at boot',
    },
  );
}

/** Lines of the script. Exported for tests. */
export function parsePersistence(text: string): Persistence | undefined {
  const lines = text.split('\n');
  const has = (line: string) => lines.includes(line);
  const state = /^enabled (\S+)$/m.exec(text)?.[1];
  const enabled = state === undefined ? 'unknown' : /^(enabled|static|generated|alias)/.test(state) ? 'yes' : 'no';
  const units = lines.filter((line) => line.startsWith('unit Exec'));
  // A unit that systemd made of the init script runs that script.
  const own = units.filter((line) => !/\/etc\/(rc\.d\/)?init\.d\/ipvsadm/.test(line)).join('\n');
  const unitReads = (path: string) => own.includes(path);
  if (own !== '' && unitReads(sysconfig.path))
    return { kind: 'sysconfig', because: `ipvsadm.service loads ${sysconfig.path}`, rules: sysconfig, enabled };
  if (own !== '' && unitReads(debianRules.path))
    return { kind: 'debian', because: `ipvsadm.service loads ${debianRules.path}`, rules: debianRules, enabled };
  if (own !== '') return undefined;
  if (has(`reads ${debianRules.path}`) && has(`file ${debianDefaults.path}`))
    return {
      kind: 'debian',
      because: `/etc/init.d/ipvsadm loads ${debianRules.path} when ${debianDefaults.path} says AUTO="true"`,
      rules: debianRules,
      defaults: debianDefaults,
      enabled,
    };
  if (has(`reads ${sysconfig.path}`))
    return { kind: 'sysconfig', because: `the init script loads ${sysconfig.path}`, rules: sysconfig, enabled };
  return undefined;
}

/**
 * The file with the declared services as the kernel has them. What it says of other services stays, line by line.
 * Throws REFUSED for a line about a rule that cannot be read, such as one with host names (ipvsadm-save without -n).
 */
export function savedRules(
  file: { readonly path: string; readonly text: string },
  kernel: IpvsRules,
  declared: ReadonlySet<string>,
): string {
  const kept: string[] = [];
  for (const line of file.text.split('\n')) {
    if (!/^\s*-[Aa]\s/.test(line)) kept.push(line);
    else if (!declared.has(keyOfLine(file.path, line))) kept.push(line);
  }
  while (kept.at(-1) === '') kept.pop();
  const services = kernel.services.filter((service) => declared.has(ruleKey(service)));
  return [...kept, ...rulesLines({ services })].map((line) => `${line}\n`).join('');
}

function keyOfLine(path: string, line: string): string {
  try {
    // A destination is about the service it names.
    const words = line.trim().split(/\s+/);
    const service = words[0] === '-A' ? line : `-A ${words.slice(1, words[3] === '-6' ? 4 : 3).join(' ')} -s rr`;
    const [first] = parseIpvsRules(service).services;
    if (first !== undefined) return ruleKey(first);
  } catch (error) {
    if (!(error instanceof IpvetError)) throw error;
  }
  throw new IpvetError('REFUSED', `${path} has a rule that cannot be read: ${line.trim()}`, {
    hint: 'ipvsadm-save -n writes addresses in place of names; put them there, then save again',
  });
}

/** /etc/default/ipvsadm with AUTO="true", the last line that sets it edited. */
export function withAutoStart(text: string): string {
  const lines = text.split('\n');
  const index = lines.findLastIndex((line) => /^\s*AUTO=/.test(line));
  if (index === -1) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}AUTO="true"\n`;
  if (/^\s*AUTO=["']?true["']?\s*(#.*)?$/.test(lines[index] ?? '')) return text;
  return lines.with(index, 'AUTO="true"').join('\n');
}
