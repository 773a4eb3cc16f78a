/** Units as `systemctl show` prints them: a block of `Name=value` for each unit asked for, blank lines between. */
import type { Units } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

export const unitProperties = ['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NRestarts'] as const;

/** Those that are there, each once: a unit may be asked for by two names. Throws ParseError. */
export function parseUnits(text: string): Units['units'] {
  const found = new Map<string, Units['units'][number]>();
  for (const block of text.split(/\n{2,}/)) {
    if (block.trim() === '') continue;
    const values = new Map(
      block.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)] as const;
      }),
    );
    const name = values.get('Id');
    const active = values.get('ActiveState');
    if (name === undefined || active === undefined) throw new ParseError('systemctl show', block);
    if (values.get('LoadState') === 'not-found') continue;
    const restarts = values.get('NRestarts');
    found.set(name, {
      name,
      active,
      enabled: values.get('UnitFileState') ?? '',
      ...(restarts !== undefined && /^\d+$/.test(restarts) ? { restarts: Number(restarts) } : {}),
    });
  }
  return [...found.values()];
}
