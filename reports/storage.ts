/** The only place here that touches files: reads a stored run record, writes what was rendered. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { IpvetError, asIpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { ownFile } from '../lib/own-files.ts';
import { brief } from './visible.ts';

const format: RunRecord['format'] = 'ipvet-run/1';

/** Judges by schema/run.schema.json, which every record this version writes satisfies. Throws CONFIG naming file and field. */
export async function readRun(file: string): Promise<RunRecord> {
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
  return checked(value, file);
}

function checked(value: unknown, file: string): RunRecord {
  const named = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (named !== format) {
    throw typeof named === 'string' && named.startsWith('ipvet-run/')
      ? new IpvetError('CONFIG', `${file} has the format ${brief(named, 40)}; this ipvet reads ${format}`, {
          hint: 'render it with the version of ipvet that wrote it, or a newer one',
        })
      : new IpvetError('CONFIG', `${file} is not the record of a run: it has no "format": "${format}"`, {
          hint: 'give the folder of a run, or its run.json',
        });
  }
  const validate = validator();
  if (validate(value)) return value;
  const [first, ...others] = (validate.errors ?? []).map(
    ({ instancePath, message }) =>
      `${instancePath === '' ? 'the record' : brief(instancePath, 200)} ${message ?? 'is wrong'}`,
  );
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new IpvetError('CONFIG', `${file} is not a valid run record: ${first ?? 'it does not fit the schema'}${more}`, {
    hint: 'the record was changed or cut off; schema/run.schema.json says what it must hold',
  });
}

let compiled: ValidateFunction<RunRecord> | undefined;

function validator(): ValidateFunction<RunRecord> {
  compiled ??= new Ajv({ allErrors: true, allowUnionTypes: true }).compile<RunRecord>(
    JSON.parse(readFileSync(ownFile('schema/run.schema.json'), 'utf8')) as object,
  );
  return compiled;
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
