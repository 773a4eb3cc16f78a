/**
 * The files ipvet itself is made of. A module must not look for another beside itself: in the packed build most modules
 * are part of a bundle, which lies elsewhere.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Running from the sources of a checkout, which need tsx; otherwise from the packed build, plain JavaScript. */
export const fromSources = import.meta.url.endsWith('.ts');

/** The folder of package.json: above lib/ in a checkout, above dist/ when packed. */
const root = nearestPackage(new URL('./', import.meta.url));

function nearestPackage(folder: URL): URL {
  const above = new URL('../', folder);
  return existsSync(new URL('package.json', folder)) || above.href === folder.href ? folder : nearestPackage(above);
}

/** A file that is the same in a checkout and in the package: package.json, schema/…; `path` is from that folder. */
export function ownFile(path: string): URL {
  return new URL(path, root);
}

/** A module by the path of its source, without `.ts`: one of the entry points of the packed build (bin/build). */
export function ownModule(path: string): URL {
  return new URL(fromSources ? `${path}.ts` : `dist/${path}.js`, root);
}

/** What node is given to run a module of ours in a process of its own: `[…options, file]`. */
export function moduleArgv(path: string): string[] {
  return [...(fromSources ? ['--import', tsx('tsx')] : []), fileURLToPath(ownModule(path))];
}

/** For a thread: the file, or from a checkout a program that has tsx read it, since a thread does not inherit tsx. */
export function threadCode(path: string): URL | string {
  if (!fromSources) return ownModule(path);
  // Not `tsx/esm/api`, which `require.resolve` gives as the CommonJS one, that cannot be imported.
  const register = new URL('./api/index.mjs', tsx('tsx/esm')).href;
  const file = ownModule(path).href;
  return `import(${JSON.stringify(register)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); });`;
}

/** Found beside this file and not where the user stands. */
function tsx(module: string): string {
  return pathToFileURL(createRequire(import.meta.url).resolve(module)).href;
}
