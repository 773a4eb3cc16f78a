/** Raw audit records (`ausearch --raw`): denials by the kernel (AVC), by daemons (USER_AVC) and invalid contexts (SELINUX_ERR). */
import type { SelinuxDenial } from '../model/facts.ts';

/** Each kind of denial once, as last seen. Records that deny nothing are passed over. */
export function parseDenials(text: string): readonly SelinuxDenial[] {
  const found = new Map<string, SelinuxDenial>();
  for (const line of text.split('\n')) {
    const denial = denialOf(line.trim());
    if (denial !== undefined)
      found.set([denial.program, denial.domain, denial.permission, denial.target].join('\n'), denial);
  }
  return [...found.values()];
}

function denialOf(text: string): SelinuxDenial | undefined {
  if (!/^(?:node=\S+ )?type=(?:AVC|USER_AVC|SELINUX_ERR)\b/.test(text)) return undefined;
  const permission =
    /\bdenied\s+\{ ([^}]*) \}/.exec(text)?.[1]?.trim() ??
    (text.includes('type=SELINUX_ERR') ? errorOf(text) : undefined);
  const domain = typeOf(valueOf(text, 'scontext'));
  if (permission === undefined || domain === undefined) return undefined;
  const target = typeOf(valueOf(text, 'tcontext'));
  const kind = valueOf(text, 'tclass');
  return {
    program: valueOf(text, 'comm') ?? valueOf(text, 'exe') ?? domain,
    domain,
    permission,
    target: [target, kind].filter((word) => word !== undefined).join(':'),
    text,
  };
}

function errorOf(text: string): string | undefined {
  return valueOf(text, 'perms') ?? valueOf(text, 'op');
}

/** Words with blanks or odd letters are quoted, or in hexadecimal without quotes (audit_log_untrustedstring()). */
function valueOf(text: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`\\b${name}=(?:"([^"]*)"|([^\\s"']+))`).exec(text) ?? [];
  if (quoted !== undefined || bare === undefined) return quoted;
  return name === 'comm' && /^(?:[0-9A-F]{2})+$/.test(bare)
    ? bare.replaceAll(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)))
    : bare;
}

/** Third part of `system_u:system_r:httpd_t:s0`. */
function typeOf(context: string | undefined): string | undefined {
  return context?.split(':')[2];
}
