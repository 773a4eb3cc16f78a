import eslint from '@eslint/js';
import { type Config, defineConfig } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Folder → what it may import of this repository. docs/architecture.md draws it; test/house checks the same table. */
import { boundaries, owners } from './test/house/boundaries.ts';

const here = import.meta.dirname;

export default defineConfig(
  { ignores: ['schema/*.cjs', 'dist/', 'runs/', 'coverage/', 'node_modules/'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: here } },
    plugins: { 'import-x': importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver()],
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: here, zones: boundaries }],
      'no-restricted-imports': ['error', { paths: owners.map(({ name, message }) => ({ name, message })) }],
    },
  },
  ...owners.map(({ name, files }): Config => ({
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: owners
            .filter((other) => other.name !== name)
            .map((other) => ({ name: other.name, message: other.message })),
        },
      ],
    },
  })),
  {
    // Pure folders: no I/O, no clock, no timers; time arrives as a fact.
    files: [
      'checks/**/*.ts',
      'lib/model/**/*.ts',
      'lib/parse/**/*.ts',
      'lib/distribution/**/*.ts',
      'lib/comparison/**/*.ts',
      'lib/explain/**/*.ts',
      'lib/diagnosis/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', 'ssh2', 'zx', 'netlink', 'node-netlink'], message: 'pure folder' }] },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'performance',
        'console',
        'fetch',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'suites/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off', '@typescript-eslint/no-floating-promises': 'error' },
  },
);
