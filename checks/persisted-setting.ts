/** What a kernel parameter is after the next boot, by every file that a boot reads, and how to keep one there. */
import { interfaceKeys } from './interface-setting.ts';
import { forgetSysctl, literal, persistentSysctl, replacement } from './remedies.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { Fact, PersistedNetwork, PersistedSysctls } from '../lib/model/facts.ts';
import { quotedWord, shellWord } from '../lib/model/shell-word.ts';

export interface Persisted {
  readonly value: string;
  readonly file: string;
}

/** Reads a key; undefined where no file sets it. */
export type NextBoot = (key: string) => Persisted | undefined;

/** Lines that bring interfaces up are run after sysctl.d is read, so theirs count. */
export function nextBoot(sysctls: PersistedSysctls, network: Fact<PersistedNetwork> | undefined): NextBoot {
  const settings = network?.known === true ? (network.value.settings ?? []) : [];
  return (key) => settings.findLast((setting) => setting.key === key) ?? sysctls[key];
}

/** A script that nobody here follows and that names the setting; such a script may well set it. */
export function scriptNaming(network: Fact<PersistedNetwork> | undefined, setting: string): string | undefined {
  if (network?.known !== true) return undefined;
  return network.value.other.find(({ text }) => text.includes(setting))?.file;
}

/** A setting of net.ipv4.conf, there once for `all` and once for each interface. */
export interface InterfaceDemand {
  readonly setting: string;
  readonly interface: string;
  /** How the kernel puts `all` and the interface together. */
  readonly combine: 'greater' | 'either';
  /** What the kernel starts with. */
  readonly initially: number;
  readonly accepts: (value: number) => boolean;
}

/**
 * `kept`: the next boot gives a value that does. `lost`: it does not. `late`: only where the interface is made after
 * `default` was set, which the kernel copies at that moment.
 */
export function afterBoot(demand: InterfaceDemand, boot: NextBoot): 'kept' | 'lost' | 'late' {
  const [allKey, ownKey] = interfaceKeys(demand.setting, demand.interface);
  const number = (key: string): number | undefined => {
    const value = Number(boot(key)?.value ?? Number.NaN);
    return Number.isNaN(value) ? undefined : value;
  };
  const all = number(allKey) ?? demand.initially;
  const own = number(ownKey);
  const otherwise = number(`net.ipv4.conf.default.${demand.setting}`) ?? demand.initially;
  const ways = (own === undefined ? [demand.initially, otherwise] : [own]).map((each) =>
    demand.accepts(demand.combine === 'greater' ? Math.max(all, each) : all !== 0 || each !== 0 ? 1 : 0),
  );
  if (ways.every(Boolean)) return 'kept';
  return ways.some(Boolean) ? 'late' : 'lost';
}

/** Writes the settings where every boot reads them: over the line that says otherwise, else in a file of their own. */
export function keepSettings(
  host: string,
  summary: string,
  settings: readonly { readonly key: string; readonly value: string }[],
  boot: NextBoot,
): Remedy {
  const files = new Set<string>();
  const commands = settings.flatMap(({ key, value }) => {
    const file = boot(key)?.file;
    const [add = ''] = persistentSysctl(key, value);
    if (!file?.startsWith('/')) return [add];
    files.add(file);
    const line = `^[[:space:]]*${literal(key)}[[:space:]]*=`;
    const edit = `sed -i.before-ipvet ${quotedWord(`s/${line}.*/${replacement(key)}=${replacement(value)}/`)} ${shellWord(file)}`;
    return [`if grep -q ${quotedWord(line)} ${shellWord(file)}; then ${edit}; else ${add}; fi`];
  });
  return {
    host,
    summary,
    commands,
    undo: [
      ...[...files].map((file) => {
        const copy = shellWord(`${file}.before-ipvet`);
        return `if [ -e ${copy} ]; then mv ${copy} ${shellWord(file)}; fi`;
      }),
      ...settings.flatMap(({ key }) => forgetSysctl(key)),
    ],
  };
}
