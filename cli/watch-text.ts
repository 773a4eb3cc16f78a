/** What `ipvet watch` shows: a table to be redrawn on a terminal, a line for each real server off one. Pure. */
import { visibleLine } from '../lib/model/visible-text.ts';
import type { LiveDestination, LiveTable } from '../lib/sampling/live.ts';
import { table } from './table.ts';

/** As they follow each other; any other one after them. */
const order = ['SYN_RECV', 'SYNACK', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE'];

/** The newest tables of every director, one screen. */
export function screenOf(tables: readonly LiveTable[], lost: ReadonlyMap<string, string>): string {
  const parts = tables.map((one) => {
    const reason = lost.get(one.host);
    return `${headOf(one)}${reason === undefined ? '' : `\n  nothing since ${one.at}: ${reason}`}\n${bodyOf(one)}`;
  });
  const silent = [...lost].filter(([host]) => !tables.some((one) => one.host === host));
  return [...parts, ...silent.map(([host, reason]) => `${host}: ${reason}\n`)].join('\n');
}

function headOf({ host, at, extent, rows, size, costShare, perSecond }: LiveTable): string {
  const what =
    extent === 'whole'
      ? `${rows} entries`
      : extent === 'part'
        ? `about ${size} entries: too many to read, states are of ${rows} of them`
        : `about ${size} entries: too many to read`;
  const rates =
    perSecond === undefined
      ? ''
      : ` · ${perSecond.connections} connections/s, ${perSecond.inPackets} packets/s in, ${perSecond.outPackets} out`;
  return `${host} ${at} · ${what}${rates} · cost ${(costShare * 100).toFixed(1)}% of a CPU`;
}

function bodyOf({ services }: LiveTable): string {
  const states = statesOf(services.flatMap(({ destinations }) => destinations));
  const head = ['SERVICE', 'REAL SERVER', 'WEIGHT', 'ACTIVE', 'INACTIVE', ...states, 'STUCK', 'RESENT'];
  const rows = services.flatMap(({ service, destinations }) =>
    destinations.map((one) => [
      service,
      nameOf(one),
      figure(one.weight),
      figure(one.active),
      figure(one.inactive),
      ...states.map((state) => figure(one.states[state] ?? 0)),
      figure(one.stuck),
      figure(one.resent),
    ]),
  );
  return table(head, rows);
}

/** One line for each real server. */
export function linesOf({ host, at, extent, rows, size, services }: LiveTable): string {
  const read =
    extent === 'whole' ? '' : ` (${extent === 'part' ? `${rows} of about ${size} read` : `${size} not read`})`;
  return services
    .flatMap(({ service, destinations }) =>
      destinations.map((one) => {
        const states = statesOf([one]).map((state) => `${state} ${one.states[state] ?? 0}`);
        const more = [
          ...(one.stuck > 0 ? [`stuck ${one.stuck}`] : []),
          ...(one.resent > 0 ? [`resent ${one.resent}`] : []),
          ...(one.synced > 0 ? [`from peers ${one.synced}`] : []),
        ];
        const levels = `active ${figure(one.active)} inactive ${figure(one.inactive)}`;
        return `${at} ${host} ${service} ${nameOf(one)} ${[levels, ...states, ...more].join(' ')}${read}\n`;
      }),
    )
    .join('');
}

function nameOf({ realServer, destination }: LiveDestination): string {
  return visibleLine(realServer === undefined ? destination : `${realServer} ${destination}`);
}

function statesOf(destinations: readonly LiveDestination[]): readonly string[] {
  const found = new Set(destinations.flatMap(({ states }) => Object.keys(states)));
  const rank = (state: string) => (order.includes(state) ? order.indexOf(state) : order.length);
  return [...found].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const figure = (value: number | undefined): string => (value === undefined ? '-' : String(value));
