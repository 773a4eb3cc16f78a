/** Where the packages of the root come from: Debian's own entries among this machine's apt sources, and its proxies. */
import { readFileSync } from 'node:fs';

import { IpvetError } from '../../lib/errors.ts';
import { run } from '../commands.ts';

/** One-line entries for sources.list: Debian's entries for the release this machine runs, component main. */
export function sourceLines(indexTargets: string, codename: string): string[] {
  const lines = indexTargets
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([site, release, component, name]) => site && release && component === 'main' && name?.startsWith(codename))
    .map(([site, release]) => `deb ${site ?? ''} ${release ?? ''} main`);
  return [...new Set(lines)];
}

/**
 * apt itself says which of its sources are Debian's (by their signed Release files), whatever mirror and file format
 * they come in. Throws LAB when there is none.
 */
export async function debianSources(): Promise<string> {
  const format = '$(SITE) $(RELEASE) $(COMPONENT) $(CODENAME)';
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Identifier: Packages', 'Origin: Debian']);
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const lines = codename === undefined ? [] : sourceLines(targets, codename);
  if (lines.length === 0) {
    throw new IpvetError('LAB', "none of this machine's apt sources is Debian's for the release it runs", {
      hint: 'the root of the lab is built from them: run apt-get update, and see apt-cache policy',
    });
  }
  return `${lines.join('\n')}\n`;
}

/** This machine's apt proxies, as settings for another apt. */
export async function proxySettings(): Promise<string[]> {
  const text = await run(['apt-config', 'dump', '--format', '%f "%v";%n']);
  return text.split('\n').filter((line) => /^Acquire::https?::Proxy\S* "\S/.test(line));
}
