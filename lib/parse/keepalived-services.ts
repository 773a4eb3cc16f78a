/**
 * The virtual services that keepalived installs when it starts, from keepalived.conf (keepalived.conf(5), "Virtual
 * server(s)"). What it says of thresholds, flags and health checks is left out.
 */
import type { ForwardingMethod, Protocol } from '../model/cluster.ts';
import type { IpvsDestination, IpvsService } from '../model/facts.ts';
import type { ConfBlock, ConfStatement } from './keepalived-conf.ts';
import { parseKeepalivedConf } from './keepalived-conf.ts';

export interface KeepalivedServices {
  readonly services: readonly IpvsService[];
  /** Why there may be more, or others: a file included from elsewhere, a variable, a line for some directors only. */
  readonly unsure?: string;
}

/** Throws ParseError for braces or quotes that do not close. */
export function parseKeepalivedServices(
  files: readonly { readonly path: string; readonly text: string }[],
): KeepalivedServices {
  const parsed = files.map(({ path, text }) => ({ path, ...parseKeepalivedConf(text, path) }));
  const statements = parsed.flatMap((file) => file.statements);
  const groups = new Map(
    statements.flatMap((statement) =>
      word(statement, 0) === 'virtual_server_group' ? [[word(statement, 1), statement.block] as const] : [],
    ),
  );
  const services = statements.flatMap((statement) => servicesOf(statement, groups));
  const [main] = parsed;
  const include = main?.statements.find((statement) => word(statement, 0) === 'include');
  const doubt = statements.map((statement) => generatedLine(statement)).find((line) => line !== undefined);
  const unsure =
    include !== undefined && files.length === 1
      ? `it includes ${word(include, 1)}`
      : doubt === undefined
        ? undefined
        : `line ${doubt} has a variable, or is for some directors only`;
  return { services, ...(unsure === undefined ? {} : { unsure }) };
}

const word = ({ words }: ConfStatement, index: number): string => words[index]?.text ?? '';

function last(block: ConfBlock | undefined, ...names: readonly string[]): string | undefined {
  const found = block?.statements.findLast((statement) => names.includes(word(statement, 0)));
  return found === undefined ? undefined : word(found, 1);
}

const methods: Readonly<Record<string, ForwardingMethod>> = { NAT: 'nat', DR: 'dr', TUN: 'tun' };

function servicesOf(
  statement: ConfStatement,
  groups: ReadonlyMap<string, ConfBlock | undefined>,
): readonly IpvsService[] {
  const { block } = statement;
  if (word(statement, 0) !== 'virtual_server' || block === undefined) return [];
  const protocol = (last(block, 'protocol') ?? 'udp').toLowerCase() as Protocol;
  const places = placesOf(statement, groups, protocol);
  const persistent = block.statements.findLast((each) => word(each, 0) === 'persistence_timeout');
  const method = methods[last(block, 'lvs_method', 'lb_kind') ?? ''] ?? 'nat';
  return places.map((place) => ({
    ...place,
    scheduler: last(block, 'lvs_sched', 'lb_algo') ?? 'wlc',
    persistenceS: persistent === undefined ? 0 : Number(word(persistent, 1) || '360'),
    destinations: block.statements.flatMap((each) => destinationOf(each, place.port, method)),
  }));
}

type Place = Pick<IpvsService, 'protocol' | 'address' | 'port' | 'fwmark' | 'extra'>;

function placesOf(
  statement: ConfStatement,
  groups: ReadonlyMap<string, ConfBlock | undefined>,
  protocol: Protocol,
): readonly Place[] {
  const ipv6Mark = last(statement.block, 'ip_family') === 'inet6' ? ['-6'] : [];
  const mark = (text: string): Place => ({
    protocol: 'fwmark',
    address: '',
    port: 0,
    fwmark: Number(text),
    extra: ipv6Mark,
  });
  const place = (address: string, port: string): Place => ({ protocol, address, port: Number(port), extra: [] });
  const [, kind = '', name = ''] = statement.words.map(({ text }) => text);
  if (kind === 'fwmark') return [mark(name)];
  if (kind !== 'group') return [place(kind, name)];
  return (groups.get(name)?.statements ?? []).map((member) =>
    word(member, 0) === 'fwmark' ? mark(word(member, 1)) : place(word(member, 0), word(member, 1)),
  );
}

function destinationOf(statement: ConfStatement, port: number, method: ForwardingMethod): readonly IpvsDestination[] {
  if (word(statement, 0) !== 'real_server') return [];
  const own = word(statement, 2);
  return [
    {
      address: word(statement, 1),
      port: own === '' ? port : Number(own),
      forwarding: methods[last(statement.block, 'lvs_method', 'lb_kind') ?? ''] ?? method,
      weight: Number(last(statement.block, 'weight') ?? '1'),
      extra: [],
    },
  ];
}

/** Inside what makes virtual services; a variable elsewhere is none of ours. */
function generatedLine(statement: ConfStatement): number | undefined {
  if (!word(statement, 0).startsWith('virtual_server') && !/^~(SEQ|LST)/.test(word(statement, 0))) return undefined;
  const search = ({ words, condition, line, block }: ConfStatement): number | undefined => {
    if (condition !== undefined || words.some(({ text }) => /^~(SEQ|LST)|\$/.test(text))) return line;
    return block?.statements.map(search).find((found) => found !== undefined);
  };
  return search(statement);
}
