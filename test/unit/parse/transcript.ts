import { readFileSync } from 'node:fs';

/** What a real host printed; `host` is the folder: distribution and kernel. */
export function transcript(name: string, host = 'debian12-6.18'): string {
  return readFileSync(new URL(`../../transcripts/${host}/${name}`, import.meta.url), 'utf8');
}

/** Captures of one program after another, each closed by `@CODE` on a line of its own. */
export function closedByCode(text: string): readonly { readonly output: string; readonly exitCode: number }[] {
  return [...text.matchAll(/([\s\S]*?)^@(\d+)\n/gm)].map(([, output = '', code]) => ({
    output,
    exitCode: Number(code),
  }));
}
