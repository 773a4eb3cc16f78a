/** Modules of the kernel: now (/proc/modules) and at the next boot (modules-load.d(5), modules(5)). */
import type { KernelModules } from '../model/facts.ts';

/** First words of /proc/modules. */
export function parseProcModules(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
}

/** The kernel takes a dash for an underscore. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

const folders = [
  '/etc/modules-load.d',
  '/run/modules-load.d',
  '/usr/local/lib/modules-load.d',
  '/usr/lib/modules-load.d',
];
const oldList = '/etc/modules';

/** Shell patterns of every file that can name a module. */
export const modulesLoadPatterns: readonly string[] = [oldList, ...folders.map((folder) => `${folder}/*.conf`)];

/**
 * What the next boot loads. A file hides those of the same name in later folders. systemd reads /etc/modules only where
 * a link in modules-load.d leads to it, as Debian has one; others read it by themselves.
 */
export function modulesAtBoot(
  files: ReadonlyMap<string, string>,
  options: { readonly systemd: boolean },
): KernelModules['atBoot'] {
  const old = files.get(oldList);
  const byName = new Map<string, { readonly file: string; readonly text: string }>();
  for (const folder of folders)
    for (const [file, text] of files) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      if (file !== `${folder}/${name}` || byName.has(name)) continue;
      // The list itself, under the name of the link.
      byName.set(name, { file: text === old && text !== '' ? oldList : file, text });
    }
  if (!options.systemd && old !== undefined) byName.set(oldList, { file: oldList, text: old });
  const found = new Map<string, string>();
  for (const { file, text } of byName.values())
    for (const line of text.split('\n')) {
      const [word = ''] = line.trim().split(/\s+/);
      if (word === '' || /^[#;]/.test(word)) continue;
      if (!found.has(moduleName(word))) found.set(moduleName(word), file);
    }
  return [...found].map(([name, file]) => ({ name, file }));
}
