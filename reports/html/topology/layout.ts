/** Places for boxes and lines: clients left, director in the middle, real servers right. Nothing lies on anything else. */
import type { Drawing, ServerNode } from './drawing.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One real server, or several alike that are drawn as one. */
export interface Card {
  readonly box: Box;
  readonly servers: readonly [ServerNode, ...ServerNode[]];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly clients: readonly Box[];
  readonly directors: readonly Box[];
  readonly cards: readonly Card[];
  /** Under the director: next hops that answers take and should not. */
  readonly detours: readonly { readonly box: Box; readonly via: string }[];
  /** Where answers that go straight to the client run: beside the real servers, and below everything. */
  readonly bus: { readonly x: number; readonly y: number };
  /** The same for those that go astray. */
  readonly astray: { readonly x: number; readonly y: number };
}

/** More real servers than this are drawn in groups; as many with trouble are drawn each for itself. */
export const mostCards = 8;
export const mostNodes = 3;

const column = { client: 8, director: 280, server: 656 } as const;
/** Room for an IPv4 VIP with port and protocol, for most names of causes, and for lines between. */
const widths = { client: 164, director: 264, server: 260 } as const;
const heights = { node: 64, director: 102, card: 64, trouble: 18, detour: 40 } as const;
const gap = 14;
const top = 12;

export function layoutOf(drawing: Drawing): Layout {
  const cards = stacked(groupsOf(drawing.servers), ([first]) =>
    first.trouble === undefined ? heights.card : heights.card + heights.trouble,
  ).map(({ one, y, height }) => ({ servers: one, box: { x: column.server, y, width: widths.server, height } }));
  const shownClients = Math.min(mostNodes, Math.max(1, drawing.clients.length));
  const shownDirectors = Math.min(mostNodes, Math.max(1, drawing.directors.length));
  const note = 22;
  const columnHeight = (shown: number, all: number, each: number) =>
    shown * each + (shown - 1) * gap + (all > shown ? note : 0);
  const clientHeight = columnHeight(shownClients, drawing.clients.length, heights.node);
  const directorHeight = columnHeight(shownDirectors, drawing.directors.length, heights.director);
  const cardsBottom = cards.reduce((most, { box }) => Math.max(most, box.y + box.height), top);
  const body = Math.max(cardsBottom - top, clientHeight, directorHeight);
  const nodes = (shown: number, height: number, of: { x: number; width: number; height: number }): Box[] =>
    Array.from({ length: shown }, (_, index) => ({
      ...of,
      y: top + (body - height) / 2 + index * (of.height + gap),
    }));
  const vias = detoursOf(drawing);
  const detours = vias.map((via, index) => ({
    via,
    box: {
      x: column.director,
      y: top + body + gap + index * (heights.detour + gap),
      width: widths.director,
      height: heights.detour,
    },
  }));
  const below = top + body + vias.length * (heights.detour + gap);
  const straight = drawing.service.forwarding !== 'nat';
  const height = below + (straight ? 40 : vias.length > 0 ? 20 : 12);
  return {
    width: 952,
    height,
    clients: nodes(shownClients, clientHeight, { x: column.client, width: widths.client, height: heights.node }),
    directors: nodes(shownDirectors, directorHeight, {
      x: column.director,
      width: widths.director,
      height: heights.director,
    }),
    cards: cards.map((card) => ({ ...card, box: { ...card.box, y: card.box.y + (body - (cardsBottom - top)) / 2 } })),
    detours,
    bus: { x: 930, y: height - 12 },
    astray: { x: 944, y: below },
  };
}

/** What answers of a broken way back go through instead; empty where the kernel has no way at all, or did not say. */
export function detourOf({ trouble, route }: ServerNode): string | undefined {
  return trouble?.hop === 'reply' ? /\bvia (\S+)/.exec(route ?? '')?.[1] : undefined;
}

function detoursOf({ servers }: Drawing): readonly string[] {
  return [...new Set(servers.flatMap((server) => detourOf(server) ?? []))].slice(0, mostNodes);
}

type Group = readonly [ServerNode, ...ServerNode[]];

/** Each for itself while there is room; else those with trouble first, and what is alike together. */
export function groupsOf(servers: readonly ServerNode[]): readonly Group[] {
  if (servers.length <= mostCards) return servers.map((server): Group => [server]);
  const troubled = servers.filter(({ trouble }) => trouble !== undefined);
  const alone = new Set(troubled.slice(0, mostCards - 3));
  const alike = new Map<string, [ServerNode, ...ServerNode[]]>();
  for (const server of servers) {
    if (alone.has(server)) continue;
    const key = `${server.trouble?.cause ?? ''} ${server.traffic} ${server.weight === 0 ? 'quiesced' : ''} ${server.outcome ?? ''}`;
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [server]);
    else group.push(server);
  }
  return [...[...alone].map((server): Group => [server]), ...merged([...alike.values()])];
}

/** No more groups than there is room for: the smallest become one, whatever they are. */
function merged(groups: readonly Group[]): readonly Group[] {
  if (groups.length <= mostCards) return groups;
  const bySize = groups.toSorted((a, b) => b.length - a.length);
  const [first, ...rest] = bySize.slice(mostCards - 1).flat();
  return first === undefined ? bySize : [...bySize.slice(0, mostCards - 1), [first, ...rest]];
}

function stacked<T>(
  of: readonly T[],
  heightOf: (one: T) => number,
): readonly { readonly one: T; readonly y: number; readonly height: number }[] {
  let y = top;
  return of.map((one) => {
    const height = heightOf(one);
    const place = { one, y, height };
    y += height + gap;
    return place;
  });
}
