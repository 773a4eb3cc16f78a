/** IPVS rules in files that a boot reads: the output of ipvsadm-save(8), Debian's switch for it. */
import type { IpvsService } from '../model/facts.ts';
import { parseIpvsRules } from './ipvs-rules.ts';
import { ParseError } from './parse-error.ts';

/**
 * The services of a file of `ipvsadm -S` output. `ipvsadm-save` without `-n` writes names in place of addresses and
 * ports: the first such line comes back in `unsure`, and what it is about is left out.
 */
export function parseSavedRules(text: string): { readonly services: readonly IpvsService[]; readonly unsure?: string } {
  const lines: string[] = [];
  let unsure: string | undefined;
  for (const line of text.split('\n')) {
    if (!/^\s*(-[AaCD]|--\S+)/.test(line)) continue;
    // `-C` and the daemons have no services.
    if (!/^\s*-[Aa]\s/.test(line)) continue;
    try {
      parseIpvsRules([...lines, line].join('\n'));
      lines.push(line);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      unsure ??= `cannot read: ${line.trim()}`;
    }
  }
  const { services } = parseIpvsRules(lines.join('\n'));
  return { services, ...(unsure === undefined ? {} : { unsure }) };
}

/** Whether /etc/default/ipvsadm switches the loading of the rules on; a shell reads it, so the last line counts. */
export function isAutoStarted(text: string): boolean {
  const last = [...text.matchAll(/^[ \t]*AUTO=["']?(\w*)["']?/gm)].at(-1)?.[1];
  return last === 'true';
}
