/** The only place here that touches files: reads a stored run record, writes what was rendered. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { IpvetError, asIpvetError } from '../lib/errors.ts';
import type { Baseline } from '../lib/model/comparison.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { ownFile } from '../lib/own-files.ts';
import { brief } from './visible.ts';

type Stored = RunRecord | Baseline;

/** What can be read, by its format: the schema that judges it, and what it is called. */
const readable: Readonly<Record<Stored['format'], { readonly schema: string; readonly noun: string }>> = {
  'ipvet-run/1': { schema: 'run', noun: 'run record' },
  'ipvet-baseline/1': { schema: 'baseline', noun: 'baseline' },
};

/** Judges by schema/run.schema.json, which every record this version writes satisfies. Throws CONFIG naming file and field. */
export async function readRun(file: string): Promise<RunRecord> {
  const value = await readStored(file, ['ipvet-run/1']);
  return value as RunRecord;
}

/** As `readRun`, by schema/baseline.schema.json. */
export async function readBaseline(file: string): Promise<Baseline> {
  const value = await readStored(file, ['ipvet-baseline/1']);
  return value as Baseline;
}

/** Whichever of the two it is. */
export async function readRunOrBaseline(file: string): Promise<Stored> {
  return readStored(file, ['ipvet-run/1', 'ipvet-baseline/1']);
}

async function readStored(file: string, formats: readonly Stored['format'][]): Promise<Stored> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw asIpvetError(error, 'CONFIG', `cannot read ${file}`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new IpvetError('CONFIG', `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'the file may be cut off; give the folder of the run, and its journal is read in place of it',
      cause: error,
    });
  }
  return checked(value, file, formats);
}

async function checked(value: unknown, file: string, formats: readonly Stored['format'][]): Promise<Stored> {
  const named = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  const format = formats.find((one) => one === named);
  if (format === undefined) throw notReadable(named, file, formats);
  const { schema, noun } = readable[format];
  const validate = await validator(schema);
  if (validate(value)) return value;
  const [first, ...others] = (validate.errors ?? []).map(
    ({ instancePath, message }) =>
      `${instancePath === '' ? `the ${noun === 'run record' ? 'record' : noun}` : brief(instancePath, 200)} ${message ?? 'is wrong'}`,
  );
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new IpvetError('CONFIG', `${file} is not a valid ${noun}: ${first ?? 'it does not fit the schema'}${more}`, {
    hint: `it was changed or cut off; schema/${schema}.schema.json says what it must hold`,
  });
}

/** Another version of what was wanted, something else of ipvet's, or anything. */
function notReadable(named: unknown, file: string, formats: readonly Stored['format'][]): IpvetError {
  const wanted = formats.join(' or ');
  const family = typeof named === 'string' ? named.replace(/\/\d+$/, '/') : undefined;
  if (typeof named === 'string' && formats.some((one) => family !== undefined && one.startsWith(family))) {
    return new IpvetError('CONFIG', `${file} has the format ${brief(named, 40)}; this ipvet reads ${wanted}`, {
      hint: 'read it with the version of ipvet that wrote it, or a newer one',
    });
  }
  const nouns = formats.map((one) => (one === 'ipvet-run/1' ? 'the record of a run' : 'a baseline')).join(' or ');
  return new IpvetError('CONFIG', `${file} is not ${nouns}: it has no "format": "${formats.join('" or "')}"`, {
    hint: formats.includes('ipvet-run/1')
      ? 'give the folder of a run, or its run.json'
      : 'ipvet baseline save RUN makes one',
  });
}

const compiled = new Map<string, ValidateFunction<Stored>>();

/** ajv is loaded here: who only writes does without. */
async function validator(schema: string): Promise<ValidateFunction<Stored>> {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const { Ajv } = await import('ajv');
  const made = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Stored>(
    JSON.parse(readFileSync(ownFile(`schema/${schema}.schema.json`), 'utf8')) as object,
  );
  compiled.set(schema, made);
  return made;
}

/**
 * Writes each file beside its final name and renames it, so that a reader sees the old one or the new one, whole.
 * Mode 0600: reports quote hosts. Returns the paths. Throws STORAGE.
 */
export async function writeFiles(directory: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const written: string[] = [];
  for (const [name, content] of files) {
    const path = join(directory, name);
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(content);
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw asIpvetError(error, 'STORAGE', `cannot write ${path}`);
    }
    written.push(path);
  }
  return written;
}
