import { jsonText } from '../lib/model/json-text.ts';
import type { RunRecord } from '../lib/model/run-record.ts';

/** The run record as it is, indented; ends with a newline. */
export function renderJson(record: RunRecord): string {
  return `${jsonText(record, 2)}\n`;
}
