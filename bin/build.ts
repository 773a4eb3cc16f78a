/**
 * Makes the packed build: `node --import tsx bin/build.ts [FOLDER]`, default dist. Modules are put together in few files, with
 * the packages that are nothing but JavaScript: to find and read some 400 files took half of what a small command takes.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { _, type AnySchema, Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build, type Metafile } from 'esbuild';
import { schemaFormats } from '../lib/config/schema-formats.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const outdir = path.resolve(root, process.argv[2] ?? 'dist');
const { dependencies, optionalDependencies } = packageIn('.');
/** Parts of the others are native, workers, or looked for as files; ajv is loaded by those who need it. */
const joined: readonly string[] = [
  ...['chai', 'commander', 'diff', 'fastest-levenshtein'],
  ...['ipaddr.js', 'mocha', 'picocolors', 'yaml'],
];
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  absWorkingDir: root,
} as const;

await compileSchema();
const { metafile } = await build({
  ...common,
  entryPoints: [
    'cli/main.ts',
    'lib/check.ts',
    ...['agent', 'probe-agent', 'thread'].map((name) => `lib/load/${name}.ts`),
    'lib/netlink/agent.ts',
    ...['prerequisites', 'rules', 'traffic'].map((name) => `suites/${name}.ts`),
  ],
  external: [...Object.keys(dependencies), ...Object.keys(optionalDependencies)].filter(
    (name) => !joined.includes(name),
  ),
  splitting: true,
  format: 'esm',
  // What is CommonJS requires the modules of node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  outbase: root,
  outdir,
  metafile: true,
});
writeFileSync(path.join(outdir, 'NOTICES.txt'), noticesOf(metafile));

/**
 * ajv takes longer to compile the schema of the cluster file than to judge any file. What is made of it only says whether a
 * file conforms; what is wrong with one is for lib/config/schema.ts to say.
 */
async function compileSchema(): Promise<void> {
  const schema = JSON.parse(readFileSync(path.join(root, 'schema/cluster.schema.json'), 'utf8')) as AnySchema;
  const ajv = new Ajv({
    allowUnionTypes: true,
    formats: schemaFormats,
    code: { source: true, formats: _`require("./lib/config/schema-formats.ts").schemaFormats` },
  });
  await build({
    ...common,
    stdin: { contents: standalone.default(ajv, ajv.compile(schema)), resolveDir: root },
    outfile: path.join(root, 'schema/cluster.validator.cjs'),
    minify: true,
  });
}

/** The licences of the packages whose code is in the build, which go with every copy of it. */
function noticesOf({ inputs }: Metafile): string {
  const folders = Object.keys(inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
  const notices = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = packageIn(folder);
    const file = readdirSync(path.join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${folder} has no licence to pass on`);
    return `${name} ${version}, ${license}\n\n${readFileSync(path.join(root, folder, file), 'utf8').trim()}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

function packageIn(folder: string): Package {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Package;
}
