/** Who may import whom. Lint enforces it file by file; boundaries.test.ts proves that lint really refuses. */

const folders = ['cli', 'suites', 'checks', 'reports', 'lab', 'lib', 'test', 'bench'] as const;
const libFolders = [
  'model',
  'config',
  'ssh',
  'facts',
  'parse',
  'ipvs',
  'privileges',
  'changes',
  'fixes',
  'netlink',
  'load',
  'sampling',
  'distribution',
  'comparison',
  'explain',
  'failover',
  'diagnosis',
  'run',
  'bundle',
] as const;

/** What each place may import besides itself and lib/errors.ts; `lib` stands for all of lib. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: ['suites', 'reports', 'lab', 'lib'],
  suites: ['checks', 'lib'],
  checks: ['lib/model', 'lib/distribution'],
  reports: ['lib/model'],
  lab: ['lib/model', 'lib/config'],
  'lib/model': [],
  'lib/config': ['lib/model'],
  'lib/ssh': ['lib/privileges', 'lib/model'],
  'lib/facts': ['lib/ssh', 'lib/parse', 'lib/netlink', 'lib/privileges', 'lib/model'],
  'lib/privileges': ['lib/model'],
  'lib/changes': ['lib/ssh', 'lib/parse', 'lib/privileges', 'lib/model'],
  'lib/fixes': ['lib/ssh', 'lib/privileges', 'lib/changes', 'lib/model'],
  'lib/parse': ['lib/model'],
  'lib/ipvs': ['lib/ssh', 'lib/parse', 'lib/privileges', 'lib/changes', 'lib/model'],
  'lib/netlink': ['lib/model', 'lib/parse'],
  'lib/load': ['lib/model'],
  'lib/sampling': ['lib/ssh', 'lib/parse', 'lib/privileges', 'lib/model'],
  'lib/distribution': ['lib/model'],
  'lib/comparison': ['lib/distribution', 'lib/model'],
  'lib/explain': ['lib/distribution', 'lib/model'],
  'lib/failover': ['lib/model'],
  'lib/diagnosis': ['lib/model'],
  'lib/bundle': ['lib/run', 'lib/facts', 'lib/model'],
  'lib/run': libFolders.filter((folder) => folder !== 'run' && folder !== 'bundle').map((folder) => `lib/${folder}`),
};

export interface Zone {
  readonly target: string;
  readonly from: string;
  readonly except: string[];
  readonly message: string;
}

const places = [...folders.filter((folder) => folder !== 'lib'), ...libFolders.map((folder) => `lib/${folder}`)];

/** Zones of import-x/no-restricted-paths: for each place, every other place it may not import. */
export const boundaries: Zone[] = Object.entries(allowed).flatMap(([place, others]) =>
  places
    .filter(
      (other) => other !== place && !others.includes(other) && !(others.includes('lib') && other.startsWith('lib/')),
    )
    .map((other) => ({
      target: `./${place}`,
      from: `./${other}`,
      except: [],
      message: `${place} may import ${others.length === 0 ? 'nothing' : others.join(', ')} only`,
    })),
);

/** Packages with a single owner. */
export const owners = [
  { name: 'ssh2', files: ['lib/ssh/**/*.ts', 'test/ssh/**/*.ts'], message: 'only lib/ssh imports ssh2' },
  { name: 'tar', files: ['lib/bundle/**/*.ts', 'test/unit/bundle/**/*.ts'], message: 'only lib/bundle imports tar' },
  { name: 'node-netlink', files: ['lib/netlink/**/*.ts'], message: 'only lib/netlink imports netlink' },
];
