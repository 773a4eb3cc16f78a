/** The suites in the order they run; the CLI loads them by path, mocha's configuration names the same files. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export const suiteFiles: readonly URL[] = ['prerequisites', 'rules', 'traffic'].map(
  (name) => new URL(`./${name}.${extension}`, import.meta.url),
);
