import { IpvetError } from '../errors.ts';

/** The one error a parser throws: text that is not what its source is documented to print. */
export class ParseError extends IpvetError {
  override readonly name = 'ParseError';
  /** What the text should have been: `ip -j addr`, `iptables-save`. */
  readonly source: string;

  constructor(source: string, found: string, cause?: unknown) {
    const shown = found.length > 120 ? `${found.slice(0, 120)}…` : found;
    super('INTERNAL', `cannot read this as output of ${source}: ${JSON.stringify(shown)}`, {
      hint: 'Report it with the output, and the version of the tool that printed it.',
      cause,
    });
    this.source = source;
  }
}
