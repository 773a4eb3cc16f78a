import { readFileSync } from 'node:fs';

/** package.json lies beside lib/ in a checkout and one folder higher when packed (dist/lib). */
function packageVersion(): string {
  for (const candidate of ['../package.json', '../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(candidate, import.meta.url), 'utf8'));
      if (
        typeof parsed === 'object' &&
        parsed !== null &&
        'name' in parsed &&
        parsed.name === 'ipvet' &&
        'version' in parsed
      ) {
        return String(parsed.version);
      }
    } catch {
      // Not there: try the next place.
    }
  }
  return 'unknown';
}

export const version = packageVersion();
