/**
 * Checks from the folder that the cluster file names. Their files run in this process, with the rights of whoever runs
 * ipvet, so nobody else may have been able to write them.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createJiti } from 'jiti';

import { IpvetError } from '../errors.ts';
import { collectors } from '../facts/index.ts';
import type { Check, Scope, Stage } from '../model/check.ts';
import { ownModule } from '../own-files.ts';

const extensions: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];
/** More is no folder of checks. */
const mostFiles = 200;

const loaded = new Map<string, Promise<readonly Check[]>>();

/**
 * Every check of the folder, file by file in the order of their names; ids begin with `suite/`. Throws CONFIG, with the
 * name of the file. A folder is loaded once.
 */
export function loadSuites(folder: string): Promise<readonly Check[]> {
  const checks = loaded.get(folder) ?? load(folder);
  loaded.set(folder, checks);
  return checks;
}

async function load(folder: string): Promise<readonly Check[]> {
  const files = await filesOf(folder);
  const checks = new Map<string, { readonly file: string; readonly check: Check }>();
  for (const file of files) {
    for (const check of await checksOf(file)) {
      const other = checks.get(check.id);
      if (other !== undefined)
        throw wrong(file, `${check.id} is a check of ${other.file} already`, 'give one of the two another id');
      checks.set(check.id, { file, check });
    }
  }
  return [...checks.values()].map(({ check }) => check);
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const path = await realpath(folder).catch((cause: unknown) => {
    throw new IpvetError('CONFIG', `${folder}: there is no such folder`, {
      hint: 'checks.suites names it, relative to the cluster file',
      cause,
    });
  });
  await mustBeOwn(path);
  const names = await readdir(path).catch((cause: unknown) => {
    throw new IpvetError('CONFIG', `${folder}: it cannot be read as a folder`, {
      hint: 'checks.suites names a folder with files of checks',
      cause,
    });
  });
  const wanted = names.filter((name) => extensions.includes(extname(name)) && !name.endsWith('.d.ts')).sort();
  if (wanted.length === 0 || wanted.length > mostFiles) {
    throw new IpvetError('CONFIG', `${folder}: it has ${wanted.length} files of checks`, {
      hint: `checks.suites names a folder with 1 to ${mostFiles} files that end in ${extensions.join(', ')}`,
    });
  }
  const files = await Promise.all(wanted.map((name) => realpath(join(path, name))));
  for (const file of files) await mustBeOwn(file);
  return files;
}

/** Of the user or of root, and written by nobody else; so are all folders above it, or /tmp's rule holds there. */
async function mustBeOwn(path: string): Promise<void> {
  for (let at = path, inside = true; ; at = dirname(at), inside = false) {
    const { uid, mode } = await stat(at);
    const sticky = (mode & 0o1000) !== 0;
    if (inside && !own().includes(uid))
      throw new IpvetError('CONFIG', `${path}: it belongs to user ${uid}, and its code would run with your rights`, {
        hint: 'read it, then make it your own with chown',
      });
    if ((mode & 0o002) !== 0 && (inside || !sticky))
      throw new IpvetError('CONFIG', `${at}: everybody may write there, and code in it would run with your rights`, {
        hint: `chmod o-w ${at}`,
      });
    if (dirname(at) === at) return;
  }
}

/** Root, whoever runs this, and behind sudo whoever called it. */
function own(): readonly number[] {
  const uid = process.getuid?.() ?? 0;
  const caller = Number(process.env['SUDO_UID'] ?? Number.NaN);
  return [0, uid, ...(uid === 0 && Number.isInteger(caller) ? [caller] : [])];
}

async function checksOf(file: string): Promise<readonly Check[]> {
  let exported: unknown;
  try {
    exported = await loader.import(file, { default: true });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new IpvetError('CONFIG', `${file}: it cannot be loaded: ${said.split('\n', 1)[0] ?? ''}`, {
      hint: 'docs/custom-checks.md has an example',
      cause: error,
    });
  }
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (list.length === 0) throw wrong(file, 'it exports no check', example);
  return list.map((value, index) => checkOf(value, file, index));
}

const example = 'export default defineCheck({ … }), or a list of such; docs/custom-checks.md has an example';

/** Its own folder would resolve `ipvet/check` only where ipvet is installed beside it. Nothing is cached on disk. */
const loader = createJiti(import.meta.url, {
  alias: { 'ipvet/check': fileURLToPath(ownModule('lib/check')) },
  fsCache: false,
  moduleCache: true,
});

const scopes: readonly Scope[] = [
  'host',
  'director',
  'director-service',
  'real-server',
  'real-server-service',
  'client',
  'client-service',
];
const stages: readonly Stage[] = ['pre', 'post'];

/** Files may be written without types, so each part is looked at. */
function checkOf(value: unknown, file: string, index: number): Check {
  const entry = `check ${index + 1}`;
  if (typeof value !== 'object' || value === null) throw wrong(file, `${entry} is no check`, example);
  const given = value as { readonly [K in keyof Check]?: unknown };
  const { id } = given;
  if (typeof id !== 'string' || !/^[a-z0-9]+(?:[-/][a-z0-9]+)*$/.test(id))
    throw wrong(file, `${entry} has no usable id`, 'lower-case letters and digits, parted by dashes and slashes');
  const must = (holds: boolean, what: string, hint = example): void => {
    if (!holds) throw wrong(file, `${id} ${what}`, hint);
  };
  const oneOf = (list: readonly string[], part: unknown): boolean => typeof part === 'string' && list.includes(part);
  for (const key of ['title', 'failureTitle'] as const) must(isText(given[key]), `has no ${key}`);
  must(typeof given.evaluate === 'function', 'has no function evaluate');
  must(oneOf(['mandatory', 'recommended'], given.severity), 'has no severity', 'mandatory or recommended');
  must(oneOf(stages, given.stage), 'has no stage that a check of your own can have', stages.join(' or '));
  must(oneOf(scopes, given.scope), 'has no scope', `one of ${scopes.join(', ')}`);
  const facts = collectors.map(({ fact }) => fact as string);
  for (const key of ['requires', 'requiresOfAll'] as const) {
    const names = given[key] ?? [];
    must(Array.isArray(names), `has no list ${key}`);
    const unknown = (names as readonly unknown[]).filter((name) => !oneOf(facts, name));
    must(unknown.length === 0, `requires ${unknown.map(String).join(', ')}`, `facts are ${facts.join(', ')}`);
  }
  mustHaveDoc(given.doc, must);
  mustHaveCommand(given.command, must);
  const check = value as Check;
  return {
    ...check,
    id: id.startsWith('suite/') ? id : `suite/${id}`,
    requires: check.requires,
    sees: Array.isArray(given.sees) ? check.sees : [],
  };
}

type Must = (holds: boolean, what: string, hint?: string) => void;

function mustHaveDoc(doc: unknown, must: Must): void {
  const { why, byHand, references } = (doc ?? {}) as Readonly<Record<string, unknown>>;
  must(isText(why), 'has no doc.why');
  for (const [key, list] of Object.entries({ byHand, references }))
    must(Array.isArray(list) && list.every((one) => typeof one === 'string'), `has no list doc.${key}`);
}

function mustHaveCommand(command: unknown, must: Must): void {
  if (command === undefined) return;
  const { argv, timeoutMs } = (command ?? {}) as Readonly<Record<string, unknown>>;
  const words = Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === 'string' && word !== '');
  must(words, 'has a command without argv', "command: { argv: ['sh', '-c', LINE], timeoutMs: 5000 }");
  must(typeof timeoutMs === 'number' && timeoutMs > 0, 'has a command without timeoutMs', 'a number of milliseconds');
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function wrong(file: string, what: string, hint: string): IpvetError {
  return new IpvetError('CONFIG', `${file}: ${what}`, { hint });
}
