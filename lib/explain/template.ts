/** Persistence: ip_vs_sched_persist of ip_vs_core.c, ip_vs_check_template of ip_vs_conn.c. */
import { addressWords } from '../distribution/hash.ts';
import type { NamedEntry } from '../model/client-entries.ts';
import { endpoint } from '../model/endpoint.ts';
import type { ListedPersistence, ListedService } from '../model/facts.ts';
import { serviceOptions } from '../model/service-rule.ts';
import type { StepResult } from './explanation.ts';
import { type AskedDirector, type Flow, setting } from './input.ts';
import { destinationAt, placeName, type PlaceOf } from './places.ts';
import type { Found } from './service.ts';

const ftp = 21;

/**
 * `TCP C0A87A00 0000 C0A87A64 0050`: how the table names the client's template, where the service has persistence. In
 * place of VIP and port an `IP` one has the mark; FTP and port 0 have one for all ports.
 */
export function templateKey(service: ListedService, { client, vip, port, protocol }: Flow): string | undefined {
  const { persistence, fwmark } = service;
  if (persistence === undefined) return undefined;
  const from = inTable(maskedWords(addressWords(client), persistence));
  if (fwmark !== undefined)
    return `IP ${from} 0000 ${inTable([
      fwmark,
      ...addressWords(client)
        .slice(1)
        .map(() => 0),
    ])} 0000`;
  const own = port === service.port && port !== ftp ? port : 0;
  return `${protocol.toUpperCase()} ${from} 0000 ${inTable(addressWords(vip))} ${hex(own, 4).toUpperCase()}`;
}

/** As lib/parse/table-address.ts has it: IPv4 in capitals (%08X), IPv6 in small letters (%pI6). */
function inTable(words: readonly number[]): string {
  const [first = 0] = words;
  if (words.length === 1) return hex(first, 8).toUpperCase();
  return words.flatMap((word) => [hex(word >>> 16, 4), hex(word & 0xffff, 4)]).join(':');
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** A /24 or /64 of the client, or the client itself. */
function maskedWords(words: readonly number[], { netmask }: ListedPersistence): readonly number[] {
  if (words.length === 1) return words.map((word) => (word & netmask) >>> 0);
  const prefix = prefixLength(netmask);
  return words.map((word, index) => {
    const bits = Math.min(32, Math.max(0, prefix - index * 32));
    return bits === 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0;
  });
}

/** The bytes are turned round on a little-endian director (ntohl of a number that is not in network order). */
function prefixLength(netmask: number): number {
  return netmask <= 128 ? netmask : ((netmask >>> 24) | ((netmask >>> 8) & 0xff00)) & 0xff;
}

export function templateStep(director: AskedDirector, found: Found, flow: Flow, place: PlaceOf): StepResult {
  const { service, rule } = found;
  const { persistence } = service;
  if (persistence === undefined) return { text: 'the service has no persistence' };
  const engine = rule === undefined ? undefined : serviceOptions(rule.extra).engine;
  if (engine !== undefined) {
    const because = `persistence goes by the engine ${engine}, by what the packet says and not by where it comes from`;
    return { text: because, answer: { kind: 'untold', because } };
  }
  const { entries: fact, name } = director;
  if (!fact.known) {
    const because = `the templates on ${name} are not known: ${fact.message}`;
    return { text: because, answer: { kind: 'untold', because }, lacking: [because] };
  }
  const key = templateKey(service, flow);
  const template = fact.value.templates.find((one) => one.key === key);
  if (template === undefined) {
    if (fact.value.extent === 'whole') return { text: `none of ${flow.client}` };
    const because = `none of ${flow.client} in the first ${fact.value.rows} rows; the table is too large to be read within 2 s`;
    return { text: because, answer: { kind: 'untold', because }, lacking: [because] };
  }
  return { ...judged(director, found, template, place), entries: [template] };
}

function judged(director: AskedDirector, { service, rule }: Found, template: NamedEntry, place: PlaceOf): StepResult {
  const { clientAddress, destination, expiresS, fromPeer } = template;
  const at = destinationAt(service.destinations, place, destination);
  const peer = fromPeer ? ', from a peer' : '';
  if (at === undefined)
    return {
      text: `${clientAddress} → ${destination}, which was taken out of the service: the template counts no more`,
    };
  const to = place(at);
  const kept = rule === undefined ? '' : `; each new connection sets it back to ${rule.persistenceS} s`;
  const text = `${clientAddress} → ${placeName({ ...to, destination: endpoint(at.address, at.port) })}, ${expiresS} s left${peer}${kept}`;
  const goes: StepResult = { text, answer: { kind: 'real-server', to, by: 'template' } };
  if (at.weight !== 0) return goes;
  const expire = setting(director, 'expire_quiescent_template');
  if (expire === 'unknown') {
    const because = 'the real server is quiesced, and net.ipv4.vs.expire_quiescent_template could not be read';
    return { text: `${text}; ${because}`, answer: { kind: 'untold', because }, lacking: [because] };
  }
  if (expire === '1')
    return {
      text: `${text}; its real server is quiesced: the template counts no more (net.ipv4.vs.expire_quiescent_template is 1)`,
    };
  return {
    ...goes,
    notes: [
      `${placeName(to)} is quiesced, and gets this client all the same: net.ipv4.vs.expire_quiescent_template is 0 (fault persistence-ignores-quiesce)`,
    ],
  };
}
