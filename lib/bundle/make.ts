/** A run's folder → one file to send: redacted, disguised, hashed. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { asIpvetError } from '../errors.ts';
import { jsonText } from '../model/json-text.ts';
import { Redactor } from '../redaction.ts';
import type { StoredRun } from '../run/analysis.ts';
import { ownWords } from '../run/own-words.ts';
import type { RunEvent } from '../run/events.ts';
import type { RawLine } from '../run/raw-lines.ts';
import { type BundleFiles, pack } from './archive.ts';
import { Disguise, newPseudonyms, type Pseudonyms, type Redaction } from './disguise.ts';
import type { Asked } from '../facts/for-maintainers.ts';
import { askedFiles, hostFiles } from './host-files.ts';
import { manifestName, manifestOf } from './manifest.ts';
import { identitiesOf } from './identities.ts';
import { reportText } from './report-text.ts';
import { reservedWords } from './reserved.ts';
import { bounded, filesOfRun, runFiles, storedRun } from './stored-run.ts';

export const pseudonymsName = 'pseudonyms.json';

export interface Bundle {
  readonly content: Buffer;
  readonly runId: string;
  readonly files: readonly string[];
  /** Names that mean something else as well, and are in the bundle as they are. */
  readonly kept: readonly string[];
}

export interface BundleOptions {
  readonly version: string;
  readonly redact: readonly Redaction[];
  /** What directors were asked for the bundle alone. */
  readonly asked?: readonly Asked[];
}

/** Writes nothing but the run's pseudonyms, into its own folder. Throws CONFIG, STORAGE, BUNDLE. */
export function bundleOf(directory: string, options: BundleOptions): Bundle {
  const found = filesOfRun(directory);
  const stored = storedRun(found, directory);
  const record: unknown = parsedRecord(found.get(runFiles.record));
  const pseudonyms = pseudonymsOf(directory);
  const disguise = new Disguise(pseudonyms, {
    redact: options.redact,
    ...identitiesOf(stored),
    reserved: reservedWords(stored.events),
  });
  const files = disguised(stored, record, disguise, options);
  keepPseudonyms(directory, pseudonyms);
  const [first] = stored.events;
  const runId = first?.type === 'run-started' ? first.id : 'unknown';
  const manifest = manifestOf(
    {
      tool: { version: options.version },
      run: runId,
      redacted: ['secrets', 'macs', 'users', 'mail', 'machine-ids', ...options.redact],
    },
    files,
  );
  const all = new Map([[manifestName, Buffer.from(`${jsonText(manifest, 2)}\n`)], ...files]);
  return { content: pack(all), runId, files: [...all.keys()], kept: disguise.kept };
}

/** Of an error before there was a run. */
export function crashBundle(error: string, about: { readonly version: string; readonly machine: string }): Buffer {
  const clean = new Redactor().text(error);
  const text = `# ipvet ${about.version} failed\n\n${about.machine}\n\n\`\`\`\n${clean.replaceAll('`', "'")}\n\`\`\`\n`;
  const files = new Map([['REPORT.md', Buffer.from(text)]]);
  const manifest = manifestOf({ tool: { version: about.version }, run: 'none', redacted: ['secrets'] }, files);
  return pack(new Map([[manifestName, Buffer.from(`${jsonText(manifest, 2)}\n`)], ...files]));
}

function disguised(stored: StoredRun, record: unknown, disguise: Disguise, options: BundleOptions): BundleFiles {
  const redactor = new Redactor();
  const clean = <T>(value: T): T => disguise.value(redactor.value(value, { spare: ownWords }));
  const events = stored.events.map((event): RunEvent => clean(event));
  const raw = stored.raw.map((line): RawLine => clean(line));
  const text = (lines: readonly unknown[]) => Buffer.from(lines.map((line) => `${jsonText(line)}\n`).join(''));
  const asked = (options.asked ?? []).map((answer): Asked => clean(answer));
  const hosts = new Map([...hostFiles(events, raw), ...askedFiles(asked)]);
  return new Map([
    ['REPORT.md', Buffer.from(reportText({ events, raw, files: [...hosts.keys()], ...options }))],
    ...(record === undefined ? [] : [[runFiles.record, Buffer.from(`${jsonText(clean(record), 2)}\n`)] as const]),
    [runFiles.journal, text(events)],
    ...(raw.length === 0 ? [] : [[runFiles.raw, text(raw)] as const]),
    ...hosts,
  ]);
}

/** A record that a crash cut off is left out: the journal has all of it. */
function parsedRecord(content: Buffer | undefined): unknown {
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

function pseudonymsOf(directory: string): Pseudonyms {
  const fresh = newPseudonyms(randomBytes(32).toString('hex'));
  const file = join(directory, pseudonymsName);
  if (!existsSync(file)) return fresh;
  try {
    return { ...fresh, ...(JSON.parse(bounded(file).toString('utf8')) as Partial<Pseudonyms>) };
  } catch (error) {
    throw asIpvetError(error, 'CONFIG', `${file} is not as ipvet wrote it; remove it to have new pseudonyms`);
  }
}

function keepPseudonyms(directory: string, pseudonyms: Pseudonyms): void {
  const file = join(directory, pseudonymsName);
  try {
    writeFileSync(file, `${JSON.stringify(pseudonyms, undefined, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw asIpvetError(error, 'STORAGE', `cannot write ${file}`);
  }
}
