/** What curl or wget said about one GET. */
import type { HttpProbe } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

export type HttpAnswer = Omit<HttpProbe, 'url' | 'from'>;

const maxBodyChars = 4096;
/** CURLE_FILESIZE_EXCEEDED, also of an answer that was cut off on its way. */
const tooLarge = 63;
/** What GNU and busybox wget say around and after the body. */
const progress =
  /^(?:wget: |Length: |Saving to: |\s+\d+K[ .]|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d |Connecting to |HTTP request sent)/;
/** What curl says of the connection while and after it prints the body. */
const talk = /^(?:[{}] \[\d+ bytes data\]|\* (?:Connection #|Closing connection|Maximum file size|Excess found|TLS))/;

/**
 * `curl -sv` with both streams together: lines about the connection begin with `*`, `>` and `<`, the body comes after
 * the response header. `written` is what `-w '%{http_code} %{time_connect}'` gave, `exitCode` is of curl(1), EXIT CODES.
 */
export function parseCurl(output: string, written: string, exitCode: number): HttpAnswer {
  const [, code, connectS] = /^(\d{3}) (\d+(?:[.,]\d+)?)$/.exec(written.trim()) ?? [];
  const lines = output.split('\n');
  const headerEnd = lines.findLastIndex((line) => /^< \r?$/.test(line));
  const statusLine = lines.findLastIndex((line) => line.startsWith('< HTTP/'));
  // Cut off for its size before curl had its last word: the status line is there all the same.
  const seen = exitCode === tooLarge ? /^< HTTP\/[\d.]+ (\d{3})/.exec(lines[statusLine] ?? '')?.[1] : undefined;
  const status = code === undefined || code === '000' ? seen : code;
  if (exitCode !== 0 && status === undefined) return { outcome: failureOf(output, exitCode) };
  if (seen === undefined && (code === undefined || connectS === undefined)) throw new ParseError('curl -w', written);
  const headers = lines
    .slice(statusLine + 1, headerEnd < 0 ? lines.length : headerEnd)
    .flatMap((line) => (line.startsWith('< ') ? [line.slice(2)] : []));
  const body = lines.slice(headerEnd + 1).filter((line) => !talk.test(line));
  return {
    outcome: status === undefined ? 'failed' : 'answered',
    ...(status === undefined ? {} : { status: Number(status) }),
    headers: headersOf(headers),
    body: bodyOf(body.join('\n')),
    ...(connectS === undefined ? {} : { connectMs: Math.round(Number(connectS.replace(',', '.')) * 1e6) / 1000 }),
  };
}

/** `wget -S -O -` with both streams together: the header is indented by two spaces. */
export function parseWget(output: string, exitCode: number): HttpAnswer {
  const lines = output.split('\n');
  const statusLine = lines.findLastIndex((line) => /^\s*HTTP\/[\d.]+ \d{3}/.test(line));
  const status = /^\s*HTTP\/[\d.]+ (\d{3})/.exec(lines[statusLine] ?? '')?.[1];
  if (status === undefined) return { outcome: exitCode === 0 ? 'failed' : failureOf(output, exitCode) };
  const rest = lines.slice(statusLine + 1);
  const end = rest.findIndex((line) => !/^ {2}[\w-]+:/.test(line));
  return {
    outcome: 'answered',
    status: Number(status),
    headers: headersOf(rest.slice(0, end < 0 ? rest.length : end)),
    body: bodyOf(
      rest
        .slice(end < 0 ? rest.length : end)
        .filter((line) => !progress.test(line))
        .join('\n'),
    ),
  };
}

/** Both print the system's own words for why a connection was not made. */
function failureOf(output: string, exitCode: number): HttpAnswer['outcome'] {
  if (/connection refused/i.test(output)) return 'refused';
  if (/no route to host|network is unreachable|host is unreachable/i.test(output)) return 'unreachable';
  // curl's CURLE_OPERATION_TIMEDOUT; timeout(1); the kernel's ETIMEDOUT; busybox and GNU wget.
  if (exitCode === 28 || exitCode === 124 || /timed out/i.test(output)) return 'timeout';
  return 'failed';
}

function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^\s*([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
}

/** Without the line ends at its end: what was between body and program can no longer be told apart there. */
export function bodyOf(text: string): string {
  return text.trim().slice(0, maxBodyChars);
}
