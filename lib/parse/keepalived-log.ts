/**
 * What keepalived says: of its states and of adverts it does not take (vrrp.c, vrrp_scheduler.c, vrrp_track.c, check_api.c,
 * ipwrapper.c), and of its configuration. Texts are those of 1.3 to 2.3.
 */
import type { KeepalivedComplaint, KeepalivedJournal, VrrpState } from '../model/facts.ts';

/** Said of itself by every test and start, and no complaint. */
const notices =
  /^(NOTICE|Configuration file|Opening file|\(?Line \d+\)? ?Config files missing|.* Config files missing)/;

/** `keepalived --config-test` on standard error; each complaint once. */
export function parseConfigTest(text: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !notices.test(line));
  return [...new Set(lines)];
}

const complaints: readonly { readonly kind: KeepalivedComplaint['kind']; readonly text: RegExp }[] = [
  { kind: 'password', text: /received an? invalid passwd/ },
  {
    kind: 'authentication-type',
    text: /(?:invalid|received unexpected|expecting).{0,40}auth(?:entication)? ?type|(?:expected|received) .{0,30}authentication/i,
  },
  { kind: 'advert-interval', text: /advertisement interval mismatch/ },
  { kind: 'version', text: /wrong version\. Received \d+ and expect/ },
  { kind: 'vrid', text: /Unknown VRID|received unknown VRID|VRID mismatch/i },
  { kind: 'address-count', text: /received an (?:unexpected|invalid) ip number count/ },
  {
    kind: 'foreign-addresses',
    text: /ip address associated with VRID \d+ not present|received a (?:bogus|invalid) VRRP packet|bogus VRRP packet/i,
  },
  { kind: 'interface', text: /Non-existent interface|WARNING - interface \S+ for vrrp_instance/ },
  { kind: 'script', text: /VRRP_Script\([^)]+\) (?:failed|timed out)|Script `[^`]+` now returning [1-9]/ },
  { kind: 'service-removed', text: /Removing service / },
  { kind: 'quorum-lost', text: /Lost quorum/ },
];

/** What ends a complaint of before. */
const ends: readonly { readonly kind: KeepalivedComplaint['kind']; readonly text: RegExp }[] = [
  { kind: 'script', text: /VRRP_Script\([^)]+\) succeeded|Script `[^`]+` now returning 0/ },
  { kind: 'service-removed', text: /Adding service |succeeded? for (?:VS|service)/ },
  { kind: 'quorum-lost', text: /Gained quorum/ },
];

/** `SECONDS HOST PROGRAM[PID]: TEXT`, as `journalctl --output=short-unix` prints. `now` is the host's own clock, in s since 1970. */
export function parseKeepalivedLog(text: string, now: number): KeepalivedJournal {
  const transitions: { instance: string; state: VrrpState; at: number }[] = [];
  let said = new Map<string, { kind: KeepalivedComplaint['kind']; text: string; count: number; at: number }>();
  let first: number | undefined;
  let latest: number | undefined;
  for (const line of text.split('\n')) {
    const [, seconds, message = ''] = /^(\d+\.\d+) \S+ \S+?: (.*)$/.exec(line) ?? [];
    if (seconds === undefined) continue;
    const at = Number(seconds);
    first ??= at;
    latest = at;
    if (/^Starting Keepalived v|^Reloading$/.test(message)) said = new Map();
    const [, instance = '', state] =
      /^(?:VRRP_Instance)?\((\S+)\) Entering (MASTER|BACKUP|FAULT) STATE/.exec(message) ?? [];
    if (state !== undefined) transitions.push({ instance, state: state as VrrpState, at });
    const over = ends.find(({ text: pattern }) => pattern.test(message));
    if (over !== undefined) said = new Map([...said].filter(([, { kind }]) => kind !== over.kind));
    const found = complaints.find(({ text: pattern }) => pattern.test(message));
    if (found === undefined) continue;
    const count = (said.get(message)?.count ?? 0) + 1;
    said.set(message, { kind: found.kind, text: message, count, at });
  }
  const reference = Number.isFinite(now) ? now : (latest ?? 0);
  const ago = (at: number) => Math.max(0, Math.round(reference - at));
  return {
    transitions: transitions.map(({ at, ...rest }) => ({ ...rest, agoS: ago(at) })),
    complaints: [...said.values()].map(({ at, ...rest }) => {
      const instance = /^(?:VRRP_Instance)?\(([^\s):]+)\)/.exec(rest.text)?.[1];
      return { ...rest, ...(instance === undefined ? {} : { instance }), agoS: ago(at) };
    }),
    ...(first === undefined ? {} : { sinceS: ago(first) }),
  };
}
