import { ownModule } from '../lib/own-files.ts';

/** The suites in the order they run; the CLI loads them by path, mocha's configuration names the same files. */
export const suiteFiles: readonly URL[] = ['prerequisites', 'rules', 'traffic'].map((name) =>
  ownModule(`suites/${name}`),
);
