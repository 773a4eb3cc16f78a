/**
 * Text and values without their secrets, marked where they were. Pure but for what was learnt. Each rule is a trigger,
 * whose pattern is bounded in length, and a scan from there that never goes back, so that a hostile line of 10 MB costs
 * time in proportion to its length. docs/safety.md says what this cannot know.
 */

export const mark = '[redacted]';

/** ssh-keygen takes no passphrase shorter than this; replacing shorter words would deface everything. */
const shortestSecret = 5;

interface Span {
  readonly from: number;
  readonly to: number;
  /** What to put there. */
  readonly instead?: string;
}

/** A text that is gone through once; the end of the line at hand is looked for once. */
class Scan {
  readonly text: string;
  #lineFrom = 0;
  #lineTo = -1;

  constructor(text: string) {
    this.text = text;
  }

  lineEnd(from: number): number {
    if (from < this.#lineFrom || from > this.#lineTo) {
      const end = this.text.indexOf('\n', from);
      this.#lineFrom = from;
      this.#lineTo = end < 0 ? this.text.length : end;
    }
    return this.#lineTo;
  }
}

/** A way a secret begins. `find` gets the end of the trigger and says what of the text that follows is secret. */
interface Rule {
  readonly trigger: string;
  readonly find: (scan: Scan, from: number, trigger: string) => Span | undefined;
}

const secretName =
  '(?:pass(?:word|wd|phrase|code)|secret|token|psk|credential|pre-?shared[_-]?key|(?:api|access|private|secret|auth)[_-]?key)s?(?:[_-][a-z0-9_-]{1,32})?';
/** A key that is quoted, in JSON text or in JSON text inside a JSON string. */
const closingQuote = String.raw`\\{0,4}["']`;

const rules: readonly Rule[] = [
  {
    // Also where the line break that follows it was lost, or the end was cut off.
    trigger: '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----',
    find: (scan, from) => {
      const end = scan.text.indexOf('-----END ', from);
      return { from, to: end < 0 ? scan.text.length : end };
    },
  },
  // The body of an OpenSSH private key without its first line: base64 of `openssh-key-v1`.
  {
    trigger: 'b3BlbnNzaC1rZXktdjE',
    find: (scan, from, { length }) => run(scan, from - length, /[^A-Za-z0-9+/=\s\\]/g),
  },
  { trigger: String.raw`PuTTY-User-Key-File-\d:`, find: (scan, from) => ({ from, to: scan.text.length }) },
  // HTTP headers, also quoted and as members of JSON.
  {
    trigger: `\\b(?:(?:proxy-)?authorization|(?:set-)?cookie2?)(?:${closingQuote})?[ \\t]{0,8}[:=][ \\t]{0,8}`,
    find: (scan, from, trigger) => header(scan, from, trigger),
  },
  {
    trigger: String.raw`\bBearer[ \t]{1,8}(?=[A-Za-z0-9._~+/-]{16})`,
    find: (scan, from) => run(scan, from, /[^A-Za-z0-9._~+/=-]/g),
  },
  // keepalived.conf(5), wherever it stands on the line.
  { trigger: `\\bauth_(?:pass|data)(?:${closingQuote})?[\\s:=]{1,16}`, find: value },
  // `password WORD` alone on its line; a sentence about passwords goes on.
  {
    trigger: String.raw`(?:^|[\n{;])[ \t]{0,64}(?:password|passwd|secret)[ \t]{1,64}(?![:=])`,
    find: (scan, from) => {
      const found = value(scan, from, '');
      return found !== undefined && /^[ \t]{0,64}(?:$|[\n\r#!;}])/.test(scan.text.slice(found.to, found.to + 66))
        ? found
        : undefined;
    },
  },
  // Not NOPASSWD of sudoers(5), after which commands come.
  { trigger: `(?<!\\bno)${secretName}(?:${closingQuote})?[ \\t]{0,8}[:=]{1,2}>?[ \\t]{0,8}`, find: value },
  { trigger: String.raw`--(?:${secretName})[ \t]{1,8}`, find: (scan, from) => value(scan, from, '') },
  { trigger: String.raw`\bsshpass[ \t]{1,8}-p[ \t]{0,8}`, find: (scan, from) => value(scan, from, '') },
  // Net-SNMP (snmpd.conf(5), snmpcmd(1)) and what switches have.
  { trigger: String.raw`\b(?:ro|rw|trap)community6?[ \t]{1,16}`, find: (scan, from) => value(scan, from, '') },
  { trigger: String.raw`\bsnmp-server[ \t]{1,16}community[ \t]{1,16}`, find: (scan, from) => value(scan, from, '') },
  {
    trigger: String.raw`\b(?:com2sec6?|createUser|authcommunity|(?:trap2?|inform)sink)[ \t]{1,16}[^\s]{1,256}[ \t]{1,16}`,
    find: restOfLine,
  },
  { trigger: String.raw`\bsnmp[a-z]{2,12}\b`, find: snmpOption },
  // crypt(5), and RFC 2307.
  {
    trigger: String.raw`\$(?:[1-9]|2[abxy]|g?y|md5|sha1|apr1|sm3|argon2(?:i|d|id)|scrypt|pbkdf2[a-z0-9-]{0,12})\$(?=[./A-Za-z0-9$=,+_-]{16})`,
    find: (scan, from, { length }) => run(scan, from - length, /[^./A-Za-z0-9$=,+_-]/g),
  },
  {
    trigger: String.raw`\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[A-Z0-9-]{0,12})\}(?=[A-Za-z0-9+/=.$]{8})`,
    find: (scan, from) => run(scan, from, /[^A-Za-z0-9+/=.$]/g),
  },
  { trigger: '://', find: userInfo },
  // Tokens that say what they are.
  {
    trigger: String.raw`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AKIA)(?=[A-Za-z0-9_-]{16})`,
    find: (scan, from) => run(scan, from, /[^A-Za-z0-9_-]/g),
  },
  {
    trigger: String.raw`\beyJ[A-Za-z0-9_-]{8,4096}\.(?=eyJ)`,
    find: (scan, from, { length }) => run(scan, from - length, /[^A-Za-z0-9_.-]/g),
  },
];

const triggers = new RegExp(rules.map(({ trigger }) => `(${trigger})`).join('|'), 'gi');
/** Every trigger holds one of these; most text holds none, and is spared the search for all of them. */
const hint =
  /private key|b3BlbnNzaC|putty|authorization|cookie|bearer|auth_|pass|secret|token|psk|credential|key|communit|snmp|com2sec|createuser|sink|\$[1-9a-z][a-z0-9-]{0,15}\$|\}|:\/\/|gh[pousr]_|github_|glpat|xox|akia|eyj/i;
/** A member of a real object whose whole value is secret; our own names end otherwise. */
const secretMember = new RegExp(
  `(?:^|[^a-z])(?:${secretName}|(?:proxy-)?authorization|(?:set-)?cookie2?|auth_pass|auth_data)$`,
  'i',
);
/** Names of the members of our own records, which no learnt word may change. */
const plainName = /^[A-Za-z][A-Za-z0-9]*$/;

export interface ValueOptions {
  /** Words of the record's own vocabulary: a text that is nothing but one of them is left as it is. */
  readonly spare?: ReadonlySet<string>;
}

export class Redactor {
  readonly #learnt = new Set<string>();

  /** From now on `secret`, as it is and as URLs, JSON and a shell write it, is taken out of everything. */
  learn(secret: string): void {
    if (secret.length < shortestSecret) return;
    const json = JSON.stringify(secret).slice(1, -1);
    for (const form of [
      secret,
      json,
      encodeURIComponent(toWellFormed(secret)),
      secret.replaceAll("'", String.raw`'\''`),
    ]) {
      this.#learnt.add(form);
    }
  }

  /** Without the secrets. Never longer work than the text is long. */
  text(text: string): string {
    return withoutPatterns(this.#withoutLearnt(text));
  }

  /** A copy without secrets where there were some, and the very same value where there were none. Shapes stay. */
  value<T>(value: T, options: ValueOptions = {}): T {
    return this.#value(value, options.spare ?? new Set(), 0) as T;
  }

  #withoutLearnt(text: string): string {
    let clean = text;
    for (const secret of this.#learnt) if (clean.includes(secret)) clean = clean.replaceAll(secret, () => mark);
    return clean;
  }

  #value(value: unknown, spare: ReadonlySet<string>, depth: number): unknown {
    if (typeof value === 'string') return spare.has(value) ? value : this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    // Nothing we write is as deep; what a host nests deeper is not worth the stack.
    if (depth > 100) return mark;
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#value(item, spare, depth + 1));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    return this.#object(value as Readonly<Record<string, unknown>>, spare, depth);
  }

  /** Looked at member by member and copied from the first difference on: most have none. */
  #object(value: Readonly<Record<string, unknown>>, spare: ReadonlySet<string>, depth: number): unknown {
    const keys = Object.keys(value);
    let clean: [string, unknown][] | undefined;
    for (const [index, key] of keys.entries()) {
      const member = value[key];
      const name = plainName.test(key) ? plainNameOf(key) : { text: this.text(key), secret: secretMember.test(key) };
      const whole = name.secret && (typeof member === 'string' || typeof member === 'number') && member !== '';
      const kept = whole ? mark : this.#value(member, spare, depth + 1);
      if (clean === undefined && (name.text !== key || kept !== member))
        clean = keys.slice(0, index).map((before) => [before, value[before]]);
      clean?.push([name.text, kept]);
    }
    return clean === undefined ? value : Object.fromEntries(distinct(clean));
  }
}

interface Name {
  /** Without secrets. */
  readonly text: string;
  /** Whether the value of a member of this name is one, whole. */
  readonly secret: boolean;
}

/** Few and met often. They hold nothing learnt, so what was said of one holds. */
const plainNames = new Map<string, Name>();
const mostPlainNames = 10_000;

function plainNameOf(key: string): Name {
  const known = plainNames.get(key);
  if (known !== undefined) return known;
  const name = { text: withoutPatterns(key), secret: secretMember.test(key) };
  if (plainNames.size < mostPlainNames) plainNames.set(key, name);
  return name;
}

/** That of this process: what is typed at a prompt is learnt here, what is written passes here. */
export const redactor = new Redactor();

function withoutPatterns(text: string): string {
  if (!hint.test(text)) return text;
  let clean = '';
  let done = 0;
  const scan = new Scan(text);
  triggers.lastIndex = 0;
  for (let match = triggers.exec(text); match !== null; match = triggers.exec(text)) {
    const end = match.index + match[0].length;
    // The first group is the whole match; of the others one has taken part.
    const groups: readonly (string | undefined)[] = match;
    const rule = rules[groups.findIndex((group, index) => index > 0 && group !== undefined) - 1];
    const span = rule?.find(scan, end, match[0]);
    if (span === undefined || span.to <= span.from || span.from < done) {
      // Another rule may begin inside the trigger of this one.
      triggers.lastIndex = match.index + 1;
      continue;
    }
    clean += text.slice(done, span.from) + (span.instead ?? mark);
    done = span.to;
    triggers.lastIndex = span.to;
  }
  return done === 0 ? text : clean + text.slice(done);
}

/** Up to the first character that matches. */
function run({ text }: Scan, from: number, stop: RegExp): Span {
  stop.lastIndex = from;
  const found = stop.exec(text);
  return { from, to: found?.index ?? text.length };
}

function restOfLine(scan: Scan, from: number): Span {
  return { from, to: scan.lineEnd(from) };
}

/** A quoted word, a bracketed list, or all up to a blank. `trigger` tells whether the name before it was quoted. */
function value(scan: Scan, from: number, trigger: string): Span | undefined {
  const { text } = scan;
  const inJson = /["'][ \t]*[:=]/.test(trigger);
  const opening = /\\{0,4}["']/y;
  opening.lastIndex = from;
  const quote = opening.exec(text)?.[0];
  if (quote !== undefined) return { from: from + quote.length, to: quoteEnd(scan, from + quote.length, quote) };
  if (text.startsWith(mark, from) || /^(?:null|true|false)\b/.test(text.slice(from, from + 6))) return undefined;
  const open = text.charAt(from);
  const bracketed = open === '[' || open === '{' ? bracketEnd(scan, from, inJson) : from;
  if (inJson && bracketed > from) return { from, to: bracketed, instead: `"${mark}"` };
  const { to } = run(scan, bracketed, inJson ? /[\s,}\]]/g : /[\s&]|\\?["'](?=[\s,}\]:;)]|$)/g);
  return to === from ? undefined : { from, to, ...(inJson ? { instead: `"${mark}"` } : {}) };
}

/** Where the quote closes; the end of the line where it does not, so that no line is scanned twice. */
function quoteEnd(scan: Scan, from: number, quote: string): number {
  const last = scan.lineEnd(from);
  const line = scan.text.slice(from, last);
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + quote.length)) {
    let slashes = 0;
    while (line.charAt(at - 1 - slashes) === '\\') slashes++;
    // An escaped quote belongs to the word: an odd number of backslashes, or more than the opening one had.
    if (quote.length === 1 ? slashes % 2 === 0 : slashes === 0) return from + at;
  }
  return last;
}

/** Where the bracket closes; in JSON also on a later line. */
function bracketEnd(scan: Scan, from: number, inJson: boolean): number {
  const { text } = scan;
  const last = inJson ? text.length : scan.lineEnd(from);
  let depth = 0;
  let quote = '';
  for (let at = from; at < last; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '[' || character === '{') depth++;
    else if ((character === ']' || character === '}') && --depth === 0) return at + 1;
  }
  return last;
}

/** The value of a header goes to the end of the line, or of the quotes it stands in. */
function header(scan: Scan, from: number, trigger: string): Span | undefined {
  if (/["'][ \t]*[:=]/.test(trigger)) return value(scan, from, trigger);
  const { to } = run(scan, from, /[\r\n]|\\?["'](?=[\s,}\]:;)]|$)/g);
  return to === from || scan.text.startsWith(mark, from) ? undefined : { from, to };
}

/** `user:password@` of a URL's authority, RFC 3986, 3.2.1. */
function userInfo({ text }: Scan, from: number): Span | undefined {
  const pattern = /[^\s/?#"'<>]{0,1024}/y;
  pattern.lastIndex = from;
  const authority = pattern.exec(text)?.[0] ?? '';
  const at = authority.lastIndexOf('@');
  const colon = authority.indexOf(':');
  return colon < 0 || colon + 1 >= at ? undefined : { from: from + colon + 1, to: from + at };
}

/** `-c COMMUNITY`, `-A` and `-X PASSPHRASE` of Net-SNMP's commands. */
function snmpOption(scan: Scan, from: number): Span | undefined {
  const last = scan.lineEnd(from);
  const line = scan.text.slice(from, Math.min(from + 200, last));
  const option = /[ \t]-[cAX][ \t]*(?=\S)/.exec(line);
  if (option === null) return undefined;
  const start = from + option.index + option[0].length;
  // What follows may hold more of them: to the end of the line is short enough, and certain.
  return { from: start, to: last };
}

/** Two names that became alike stay two. */
function distinct(entries: readonly (readonly [string, unknown])[]): [string, unknown][] {
  const taken = new Set<string>();
  return entries.map(([key, member]) => {
    let name = key;
    for (let number = 2; taken.has(name); number++) name = `${key} ${number}`;
    taken.add(name);
    return [name, member];
  });
}

function toWellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\u{FFFD}');
}
