/** The charting library that the page brings along where it has charts over time: uPlot, MIT, with its licence. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { IpvetError } from '../../lib/errors.ts';

export interface Library {
  readonly script: string;
  readonly style: string;
}

const require = createRequire(import.meta.url);

let read: Library | undefined;

/** Read once. Throws INTERNAL where the package is not as it was when this was written. */
export function uplot(): Library {
  return (read ??= library());
}

function library(): Library {
  const dist = dirname(require.resolve('uplot/dist/uPlot.iife.min.js'));
  const text = (file: string) => readFileSync(join(dist, file), 'utf8').trim();
  const script = text('uPlot.iife.min.js');
  const licence = text('../LICENSE').replaceAll('*/', '* /');
  if (/<\/(?:script|style)|<!--/i.test(script + licence + text('uPlot.min.css')))
    throw new IpvetError('INTERNAL', 'the charting library cannot stand inside a page');
  return { script: `/*! uPlot\n${licence}\n*/\n${script}\n`, style: `/*! uPlot, MIT */\n${text('uPlot.min.css')}\n` };
}
