import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';
import { formatNames } from '../reports/format-names.ts';

/** Throws USAGE for a name that is no report format, with what was probably meant. */
export function mustBeFormats(wanted: readonly string[]): void {
  for (const format of wanted) {
    if (formatNames.some((name) => name === format)) continue;
    const meant = suggestion(format, formatNames);
    throw new IpvetError('USAGE', `there is no report format ${format}`, {
      hint: `${meant === undefined ? '' : `did you mean ${meant}? `}formats: ${formatNames.join(', ')}`,
    });
  }
}
