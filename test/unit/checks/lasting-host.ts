/** A folder that plays the files of a host, with an nmcli that keeps profiles as files of it: lines of remedies are run there. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Lines } from '../../../checks/lasting-lines.ts';
import type { Lasting } from '../../../checks/lasting-places.ts';

/**
 * Profiles are folders of `nm/`, properties files in them, items of lists separated by a comma and a blank (nmcli(1)).
 * As the program does, it refuses what it does not know, an empty list of addresses that method=manual needs, and a name twice.
 */
const nmcli = String.raw`#!/bin/sh
cd "$(dirname "$0")/../nm" || exit 9
while :; do case $1 in -e) shift 2 ;; -g) get=$2; shift 2 ;; *) break ;; esac; done
verb="$1 $2"; shift 2
case $verb in
'device show') cat "devices/$1" 2>/dev/null || exit 10 ;;
'connection show') [ -d "$1" ] || exit 10; if [ -n "$get" ] && [ -e "$1/$get" ]; then cat "$1/$get"; fi ;;
'connection delete') [ -d "$1" ] && rm -r "$1" ;;
'connection add')
  for word; do [ "$last" != con-name ] || name=$word; last=$word; done
  [ ! -e "$name" ] && mkdir "$name" && while [ $# -gt 0 ]; do printf '%s\n' "$2" >"$name/$1"; shift 2; done ;;
'connection modify')
  p=$1; shift; [ -d "$p" ] || exit 10
  while [ $# -gt 0 ]; do
    was=$(cat "$p/\${1#[+-]}" 2>/dev/null); f=$p/\${1#[+-]}
    case $1 in
    +*) case ", $was, " in *", $2, "*) now=$was ;; *) now=\${was:+$was, }$2 ;; esac ;;
    -*) case ", $was, " in *", $2, "*) ;; *) echo "the property doesn't contain $2" >&2; exit 2 ;; esac
      now=$(printf '%s' "$was" | tr ',' '\n' | sed 's/^ //' | grep -vxF "$2" | paste -sd, | sed 's/,/, /g')
      case $1 in *.addresses) [ -n "$now" ] || { echo 'cannot be empty' >&2; exit 4; } ;; esac ;;
    *) now=$2 ;;
    esac
    if [ -n "$now" ]; then printf '%s\n' "$now" >"$f"; else rm -f "$f"; fi
    shift 2
  done ;;
*) exit 2 ;;
esac
`.replaceAll('\\$', '$');

export class LastingHost {
  readonly root = mkdtempSync(join(tmpdir(), 'ipvet-lasting-'));

  constructor(files: Readonly<Record<string, string>>) {
    this.write('/bin/nmcli', nmcli, 0o755);
    mkdirSync(join(this.root, 'nm/devices'), { recursive: true });
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** A profile by which NetworkManager has the device. */
  profile(device: string, properties: Readonly<Record<string, string>>): void {
    this.write(`/nm/devices/${device}`, 'Wired connection 1\n');
    for (const [name, value] of Object.entries(properties)) this.write(`/nm/Wired connection 1/${name}`, `${value}\n`);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  mode(path: string): string {
    return (statSync(join(this.root, path)).mode & 0o777).toString(8);
  }

  /** Runs each line in a shell of its own, as a fix does. Fails with what a line said. */
  run(lines: readonly string[]): void {
    for (const line of lines) {
      const here = line.replaceAll(/(?<![\w.\\/])\/etc\//g, `${this.root}/etc/`);
      const { status, stderr } = spawnSync('sh', ['-c', here], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${this.root}/bin:${process.env['PATH'] ?? ''}` },
      });
      expect(status, `${line}\n${stderr}`).to.equal(0);
      expect(stderr, line).to.equal('');
    }
  }

  /** Every file with what is in it. */
  state(): Readonly<Record<string, string>> {
    const names = readdirSync(this.root, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/^bin(\/|$)/.test(name))
      .toSorted();
    return Object.fromEntries(
      names.map((name) => [name, statSync(join(this.root, name)).isDirectory() ? 'folder' : this.read(name)]),
    );
  }

  /** What the lines change, when they are run twice; then they have been taken back, twice, to what was there. */
  trial({ commands, undo }: Lines): Readonly<Record<string, string>> {
    const found = this.state();
    this.run(commands);
    const once = this.state();
    this.run(commands);
    expect(this.state(), 'the second time').to.deep.equal(once);
    this.run(undo);
    expect(this.state(), 'taken back').to.deep.equal(found);
    return Object.fromEntries(Object.entries(once).filter(([name, text]) => found[name] !== text && text !== 'folder'));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Throws where it is for somebody to do by hand. */
export function linesOf(half: Lasting | undefined): Lines {
  if (half === undefined || 'byHand' in half) throw new Error(`by hand: ${half?.byHand ?? 'nothing'}`);
  return half;
}
