import { readFileSync } from 'node:fs';
import { ownFile } from './own-files.ts';

const manifest = JSON.parse(readFileSync(ownFile('package.json'), 'utf8')) as { readonly version: string };

export const version = manifest.version;
