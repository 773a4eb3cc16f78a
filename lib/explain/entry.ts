/** A connection that the table has already: ip_vs_in of ip_vs_core.c, Linux 6.1. */
import type { ClientEntries, NamedEntry } from '../model/client-entries.ts';
import { endpoint } from '../model/endpoint.ts';
import type { ListedDestination } from '../model/facts.ts';
import type { Place, StepResult } from './explanation.ts';
import { type AskedDirector, type Flow, setting } from './input.ts';
import { destinationAt, placeName, type PlaceOf } from './places.ts';
import { type Found, onePacket } from './service.ts';

/** Without a service the entry's destination is gone with it. */
export function entryStep(
  director: AskedDirector,
  found: Found | undefined,
  flow: Flow,
  place: PlaceOf | undefined,
): StepResult {
  if (found !== undefined && flow.protocol === 'udp' && onePacket(found))
    return { text: 'each datagram is scheduled on its own and leaves no entry' };
  const { entries: fact, name } = director;
  if (!fact.known) return unread(`the entries of ${flow.client} on ${name}`, fact.message, flow);
  const { entries, extent, rows } = fact.value;
  if (flow.clientPort === undefined) return listed(fact.value, flow, place, found);
  const [entry] = entries;
  const who = endpoint(flow.client, flow.clientPort);
  if (entry === undefined) {
    if (extent === 'whole') return { text: `none of ${who}` };
    const text = `none of ${who} in the first ${rows} rows; the table is too large to be read within 2 s`;
    return { text, answer: { kind: 'untold', because: text }, lacking: [text] };
  }
  return { ...judged(director, found, flow, place, entry), entries: [entry] };
}

function unread(what: string, message: string, { clientPort }: Flow): StepResult {
  const because = `${what} are not known: ${message}`;
  const lacking = [because];
  return clientPort === undefined
    ? { text: because, lacking }
    : { text: because, lacking, answer: { kind: 'untold', because } };
}

/** Of any port: they say where the client is now, and nothing of its next connection. */
function listed(
  { entries, found: count, extent, rows }: ClientEntries,
  flow: Flow,
  place: PlaceOf | undefined,
  found: Found | undefined,
): StepResult {
  const part = extent === 'part' ? ` in the first ${rows} rows, more than can be read within 2 s` : '';
  if (count === 0) return { text: `none of ${flow.client}${part}` };
  const more = count > entries.length ? [`and ${count - entries.length} more`] : [];
  return {
    text: `${count} of ${flow.client}${part}; what follows is of a connection from another port`,
    details: [...entries.map((entry) => described(entry, found, place)), ...more],
    entries,
  };
}

/** `192.168.122.1:40001 → rs2 10.10.10.20:80, ESTABLISHED, 893 s left`. */
export function described(entry: NamedEntry, found: Found | undefined, place: PlaceOf | undefined): string {
  const { clientAddress, clientPort, state, expiresS, fromPeer } = entry;
  const peer = fromPeer ? ', from a peer' : '';
  return `${endpoint(clientAddress, clientPort)} → ${ledTo(entry, found, place)}, ${state}, ${expiresS} s left${peer}`;
}

function ledTo({ destination }: NamedEntry, found: Found | undefined, place: PlaceOf | undefined): string {
  const at = place === undefined ? undefined : destinationAt(found?.service.destinations ?? [], place, destination);
  return at === undefined || place === undefined
    ? `${destination}, no longer in the service`
    : placeName({ ...place(at), destination });
}

function judged(
  director: AskedDirector,
  found: Found | undefined,
  flow: Flow,
  place: PlaceOf | undefined,
  entry: NamedEntry,
): StepResult {
  const text = described(entry, found, place);
  const at =
    place === undefined ? undefined : destinationAt(found?.service.destinations ?? [], place, entry.destination);
  if (at === undefined || place === undefined || found === undefined) return orphaned(director, entry, text);
  const to: Place = { ...place(at), destination: entry.destination };
  const again = rescheduled(director, found, flow, entry, { at, forwarding: to.forwarding });
  if (again === undefined) {
    const why = keeps(flow, entry);
    return { text: `${text}${why}`, answer: { kind: 'real-server', to, by: 'entry' } };
  }
  if (again.unknown === true)
    return {
      text: `${text}; ${again.because}`,
      answer: { kind: 'untold', because: again.because },
      lacking: [again.because],
    };
  const tracked = setting(director, 'conntrack') === '1';
  return {
    text: `${text}; packets of that connection go there, and a new SYN from this port is scheduled anew: ${again.because}`,
    notes: tracked
      ? [
          'net.ipv4.vs.conntrack is 1: the first SYN over an old entry may be dropped, and the one after 1 s is scheduled',
        ]
      : [],
  };
}

function keeps({ protocol }: Flow, { state }: NamedEntry): string {
  return protocol === 'tcp' && state !== 'ESTABLISHED' && state !== 'SYN_RECV'
    ? '; a new SYN from this port goes on in the entry'
    : '';
}

/** ip_vs_in: a destination that was taken out is not available. */
function orphaned(director: AskedDirector, { expiresS }: NamedEntry, text: string): StepResult {
  const expire = setting(director, 'expire_nodest_conn');
  if (expire === 'unknown') {
    const because = 'whether it is dropped is not known: net.ipv4.vs.expire_nodest_conn could not be read';
    return { text: `${text}; ${because}`, answer: { kind: 'untold', because }, lacking: [because] };
  }
  if (expire === '1')
    return {
      text: `${text}; it goes with its next packet (net.ipv4.vs.expire_nodest_conn is 1), and a SYN is scheduled anew`,
    };
  const because = `its real server was taken out, and packets are dropped for up to ${expiresS} s more (net.ipv4.vs.expire_nodest_conn is 0)`;
  return { text: `${text}; ${because}`, answer: { kind: 'dropped', by: 'entry', because } };
}

interface Again {
  readonly because: string;
  readonly unknown?: true;
}

/** is_new_conn, is_new_conn_expected. Undefined where a new SYN goes on in the entry. */
function rescheduled(
  director: AskedDirector,
  { service }: Found,
  { protocol }: Flow,
  { state }: NamedEntry,
  { at, forwarding }: { readonly at: ListedDestination; readonly forwarding: Place['forwarding'] },
): Again | undefined {
  if (protocol === 'udp') return undefined;
  const expire = setting(director, 'expire_nodest_conn');
  const reuse = setting(director, 'conn_reuse_mode');
  if (at.weight === 0 && expire === '1')
    return { because: 'the real server is quiesced and net.ipv4.vs.expire_nodest_conn is 1' };
  // A connection under a template is never taken for a new one.
  const ended = service.persistence === undefined ? endedStates(protocol, forwarding) : [];
  if (!ended.includes(state) && (at.weight > 0 || expire !== 'unknown')) return undefined;
  if (expire === 'unknown' || reuse === 'unknown')
    return { because: 'whether a new SYN goes there is not known: net.ipv4.vs could not be read', unknown: true };
  const mode = Number(reuse ?? 0);
  if (mode === 0 || (state === 'FIN_WAIT' && (mode & 2) === 0)) return undefined;
  return { because: `${state}, and net.ipv4.vs.conn_reuse_mode is ${mode}` };
}

/** In FIN_WAIT only entries whose answers the director does not see (IP_VS_CONN_F_NOOUTPUT), with bit 2 of the mode. */
function endedStates(protocol: Flow['protocol'], forwarding: Place['forwarding']): readonly string[] {
  if (protocol === 'sctp') return ['CLOSED'];
  return forwarding === 'nat' ? ['TIME_WAIT', 'CLOSE'] : ['TIME_WAIT', 'CLOSE', 'FIN_WAIT'];
}
