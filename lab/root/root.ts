/**
 * The root file system of lab hosts: a small Debian in the XDG cache directory, built once from this machine's own
 * package sources and shared, read-only, by every host of every lab.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { IpvetError } from '../../lib/errors.ts';
import { disabledUnits, leftOut, maskedUnits, moduleFolders, packages, RECIPE_VERSION, rootFiles } from './recipe.ts';
import { debianSources, proxySettings } from './sources.ts';

/** Where Debian's user-mode-linux package puts its kernel and that kernel's modules. */
export const UML_KERNEL = '/usr/bin/linux.uml';
const UML_MODULES = '/usr/lib/uml/modules';

interface Recipe {
  readonly path: string;
  readonly kernelVersion: string;
}

function cacheDirectory(): string {
  // The XDG specification: a relative path in the variable is to be ignored.
  const xdg = process.env['XDG_CACHE_HOME'];
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
  return path.join(base, 'ipvet');
}

/** Undefined where there is no UML kernel with modules. */
function findRecipe(): Recipe | undefined {
  if (!existsSync(UML_KERNEL) || !existsSync(UML_MODULES)) return undefined;
  const kernelVersion = readdirSync(UML_MODULES).sort().at(-1);
  if (kernelVersion === undefined) return undefined;
  const { size, mtimeMs } = statSync(UML_KERNEL);
  const parts = [RECIPE_VERSION, kernelVersion, size, mtimeMs, packages, leftOut, moduleFolders];
  const more = [rootFiles(kernelVersion), maskedUnits, disabledUnits, buildScript];
  const hash = createHash('sha256')
    .update(JSON.stringify([parts, more]))
    .digest('hex')
    .slice(0, 12);
  return { path: path.join(cacheDirectory(), `root-${hash}`), kernelVersion };
}

/**
 * Path of the cached root, built first when it is missing or out of date. Two builders at once: the second waits for
 * the first. The tree appears under its name only when it is complete. Throws LAB (with the end of the log) or ABORTED.
 */
export async function ensureRoot(options: {
  onProgress(text: string): void;
  signal?: AbortSignal;
}): Promise<{ path: string; built: boolean }> {
  const recipe = findRecipe();
  if (recipe === undefined || process.arch !== 'x64') {
    throw new IpvetError('LAB', 'this machine has no User Mode Linux kernel', {
      hint: 'on Debian for amd64: apt-get install user-mode-linux',
    });
  }
  if (existsSync(recipe.path)) return { path: recipe.path, built: false };
  options.signal?.throwIfAborted();
  const cache = path.dirname(recipe.path);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, 'build-'));
  try {
    layRecipe(work, recipe.kernelVersion);
    writeFileSync(path.join(work, 'sources.list'), await debianSources());
    const proxies = await proxySettings();
    await build(recipe, work, proxies, options);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  prune(recipe.path);
  return { path: recipe.path, built: true };
}

function layRecipe(work: string, kernelVersion: string): void {
  const lay = (name: string, mode: number, content: string): void => {
    const file = path.join(work, 'files', name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  for (const { path: name, mode, content } of rootFiles(kernelVersion)) lay(name, mode, content);
  chmodSync(path.join(work, 'files'), 0o755);
  writeFileSync(path.join(work, 'masked'), maskedUnits.join('\n'));
  const dpkg = ['force-unsafe-io', ...leftOut.map((pattern) => `path-exclude=${pattern}`)];
  writeFileSync(path.join(work, 'dpkg.cfg'), `${dpkg.join('\n')}\n`);
}

/**
 * Runs in namespaces of its own, so that mounts and processes of a build that is killed go with it. Arguments: the
 * place to build in, the finished place, the work directory, the kernel version, then mmdebstrap's options.
 */
const buildScript = `set -e
final=$1 work=$2 version=$3; shift 3
[ ! -e "$final" ] || exit 0
mount -t proc proc /proc
export IPVET_WORK="$work" PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | tr -d \\")
mmdebstrap "$@" "$suite" "$work/root" "$work/sources.list"
cd "$work/root"
mkdir -p "lib/modules/$version/kernel"
for folder in ${moduleFolders.join(' ')}; do
  [ -d "${UML_MODULES}/$version/kernel/$folder" ] || continue
  mkdir -p "lib/modules/$version/kernel/$folder"
  cp -a "${UML_MODULES}/$version/kernel/$folder/." "lib/modules/$version/kernel/$folder/"
done
cp -a ${UML_MODULES}/"$version"/modules.order ${UML_MODULES}/"$version"/modules.builtin* "lib/modules/$version/"
chroot . depmod "$version"
chroot . useradd --create-home --shell /bin/bash --uid 1000 ops
chroot . update-alternatives --quiet --set iptables /usr/sbin/iptables-legacy
chroot . update-alternatives --quiet --set ip6tables /usr/sbin/ip6tables-legacy
rm -rf etc/ssh/ssh_host_* etc/rc?.d/* etc/update-motd.d/* etc/nginx/modules-enabled/* etc/modules-load.d/* etc/systemd/system/*.wants
rm -rf lib/systemd/system/multi-user.target.wants/dbus.service ${leftOut.map((pattern) => pattern.slice(1)).join(' ')}
cp -a "$work/files/." .
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
while read -r unit || [ -n "$unit" ]; do ln -sf /dev/null "etc/systemd/system/$unit"; done < "$work/masked"
mv -T "$work/root" "$final"
`;

async function build(
  recipe: Recipe,
  work: string,
  proxies: readonly string[],
  options: { onProgress(text: string): void; signal?: AbortSignal },
): Promise<void> {
  const flags = [
    '--mode=root',
    '--variant=minbase',
    '--format=directory',
    `--include=${packages.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    // Given as --dpkgopt, the excludes would send every package through a filter in Python: 20 s more.
    '--setup-hook=mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && cp "$IPVET_WORK/dpkg.cfg" "$1/etc/dpkg/dpkg.cfg.d/lab"',
    ...proxies.map((setting) => `--aptopt=${setting}`),
  ];
  const lock = path.join(path.dirname(recipe.path), 'root.lock');
  const child = spawn(
    'flock',
    [
      ...['--no-fork', lock, 'unshare', '--mount', '--pid', '--fork', '--kill-child'],
      ...['sh', '-c', buildScript, 'build', recipe.path, work, recipe.kernelVersion, ...flags],
    ],
    // unshare ignores SIGTERM; its death ends everything in its namespaces.
    { stdio: ['ignore', 'pipe', 'pipe'], killSignal: 'SIGKILL', ...(options.signal && { signal: options.signal }) },
  );
  const { signal } = options;
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      if (said.length > 200) said.shift();
      if (line.startsWith('I: ')) options.onProgress(line.slice(3));
    });
  }
  let code: unknown;
  try {
    [code] = (await once(child, 'close')) as unknown[];
  } catch (error) {
    if (signal?.aborted === true) {
      throw new IpvetError('ABORTED', 'building the root of the lab was interrupted', { cause: error });
    }
    throw new IpvetError('LAB', 'the root of the lab cannot be built: flock cannot be started', { cause: error });
  }
  if (code === 0) return;
  throw new IpvetError('LAB', `the root of the lab could not be built (exit code ${String(code)}): ${reason(said)}`, {
    hint: `the last lines were:\n${said.slice(-15).join('\n')}`,
  });
}

/** The first error that apt, dpkg or mmdebstrap named, else the last line. */
function reason(said: readonly string[]): string {
  return said.find((line) => /^(E:|dpkg: error|sh: |build: )/.test(line)) ?? said.at(-1) ?? 'it said nothing';
}

/** Removes roots of other recipes, except those a running host still stands on. */
function prune(current: string): void {
  const cache = path.dirname(current);
  const old = readdirSync(cache).filter((name) => name.startsWith('root-') && name !== path.basename(current));
  if (old.length === 0) return;
  const mounts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
      } catch {
        return ''; // ended meanwhile
      }
    })
    .join('');
  for (const name of old) {
    if (!mounts.includes(name)) rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}
