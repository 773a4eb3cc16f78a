/** A bundle → the run in it. */
import type { StoredRun } from '../run/analysis.ts';
import { mostPackedBytes, unpack } from './archive.ts';
import { type Manifest, verified } from './manifest.ts';
import { bounded, storedRun } from './stored-run.ts';

/** Throws BUNDLE, CONFIG, STORAGE. */
export async function openBundle(file: string): Promise<{ readonly manifest: Manifest; readonly stored: StoredRun }> {
  const files = await unpack(bounded(file, mostPackedBytes), file);
  const manifest = verified(files, file);
  return { manifest, stored: storedRun(files, file) };
}
