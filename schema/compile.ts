/**
 * Compiles the schema of the cluster file to cluster.validator.cjs, for the packed build: ajv takes longer to do that than
 * to judge any file. It only says whether a file conforms; what is wrong with one is for lib/config/schema.ts to say.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { _, type AnySchema, Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { schemaFormats } from '../lib/config/schema-formats.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));
const schema = JSON.parse(readFileSync(`${folder}cluster.schema.json`, 'utf8')) as AnySchema;
const ajv = new Ajv({
  allowUnionTypes: true,
  formats: schemaFormats,
  code: { source: true, formats: _`require("../lib/config/schema-formats.ts").schemaFormats` },
});

await build({
  stdin: { contents: standalone.default(ajv, ajv.compile(schema)), resolveDir: folder },
  outfile: `${folder}cluster.validator.cjs`,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
