/** The head of an HTTP request, with the headers of the plan in place of the engine's own of the same name. */
import type { LoadPlan } from './engine.ts';
import type { Target } from './target.ts';

type Header = readonly [name: string, value: string];

export function requestHead(
  { headers = [] }: Pick<LoadPlan, 'headers'>,
  { path, authority }: Pick<Target, 'path' | 'authority'>,
  connection: 'close' | 'keep-alive',
): string {
  const own: readonly Header[] = [
    ['Host', authority],
    ['Connection', connection],
    ['Accept', '*/*'],
    ['User-Agent', 'ipvet'],
  ];
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = [...own.filter(([name]) => !given.has(name.toLowerCase())), ...headers];
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
