/** manifest.json: what a bundle is, and the digest of each of its files. */
import { createHash } from 'node:crypto';

import { IpvetError } from '../errors.ts';
import type { BundleFiles } from './archive.ts';

export const bundleFormat = 'ipvet-bundle/1';
export const manifestName = 'manifest.json';

export interface Manifest {
  readonly format: typeof bundleFormat;
  readonly tool: { readonly version: string };
  readonly run: string;
  /** What was taken out or replaced besides secrets. */
  readonly redacted: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

export function manifestOf(about: Pick<Manifest, 'tool' | 'run' | 'redacted'>, files: BundleFiles): Manifest {
  return {
    format: bundleFormat,
    ...about,
    files: [...files].map(([path, content]) => ({ path, bytes: content.length, sha256: digest(content) })),
  };
}

/**
 * The manifest, once every file is found to be as it says and none is beside it. Throws BUNDLE. A digest shows damage; who
 * changes a bundle on purpose can change the manifest as well.
 */
export function verified(files: BundleFiles, name: string): Manifest {
  const manifest = parsed(files.get(manifestName), name);
  const listed = new Set([manifestName]);
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = files.get(path);
    if (content === undefined) throw changed(name, `${shown(path)} is missing`);
    if (content.length !== bytes || digest(content) !== sha256) throw changed(name, `${shown(path)} is not as it was`);
    listed.add(path);
  }
  const extra = [...files.keys()].find((path) => !listed.has(path));
  if (extra !== undefined) throw changed(name, `${shown(extra)} was added`);
  return manifest;
}

function parsed(content: Buffer | undefined, name: string): Manifest {
  if (content === undefined) {
    throw new IpvetError('BUNDLE', `${name} is no bundle: it has no ${manifestName}`, {
      hint: 'give the file that ipvet bundle wrote',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw changed(name, `${manifestName} is not JSON`, error);
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== bundleFormat) {
    const said = typeof format === 'string' ? shown(format) : 'no format';
    throw new IpvetError('BUNDLE', `${name} has ${said}; this ipvet reads ${bundleFormat}`, {
      hint: 'judge it with the version of ipvet that wrote it, or a newer one',
    });
  }
  if (!isManifest(value)) throw changed(name, `${manifestName} is not as ipvet writes it`);
  return value;
}

function isManifest(value: unknown): value is Manifest {
  const { tool, run, redacted, files } = value as Partial<Record<keyof Manifest, unknown>>;
  const text = (one: unknown) => typeof one === 'string';
  return (
    text(run) &&
    typeof tool === 'object' &&
    tool !== null &&
    'version' in tool &&
    text(tool.version) &&
    Array.isArray(redacted) &&
    redacted.every(text) &&
    Array.isArray(files) &&
    files.every(
      (file: unknown) =>
        typeof file === 'object' &&
        file !== null &&
        'path' in file &&
        'bytes' in file &&
        'sha256' in file &&
        text(file.path) &&
        text(file.sha256) &&
        typeof file.bytes === 'number',
    )
  );
}

function changed(name: string, what: string, cause?: unknown): IpvetError {
  return new IpvetError('BUNDLE', `${name} is damaged or was changed: ${what}`, {
    hint: 'do not trust it; ask whoever sent it for the bundle once more',
    cause,
  });
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
