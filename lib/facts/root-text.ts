/** The text of a file that the login user may not read, in a collector's section. */
import type { RootCommand } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import type { Section } from './collector.ts';

const mark = '@text ';

/** Reads the file with `command` where the login user cannot. */
export function readAsRoot(path: string, command: RootCommand): string {
  return `if [ -e ${path} ] && [ ! -r ${path} ]; then printf '${mark}${path}\\n'; ${asRoot(command)}; printf '\\n${mark}= %s\\n' $?; fi`;
}

/** Undefined when it was not read as root, or could not be. */
export function rootText({ stdout }: Pick<Section, 'stdout'>, path: string): string | undefined {
  const after = stdout.split(`${mark}${path}\n`)[1];
  const end = after?.indexOf(`\n${mark}= 0\n`) ?? -1;
  return end === -1 ? undefined : after?.slice(0, end);
}
