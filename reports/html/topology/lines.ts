/** Lines between the boxes: requests, the way answers should take, answers that were seen, and where it breaks. */
import { at } from '../charts/scale.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Drawing, ServerNode, Trouble } from './drawing.ts';
import { type Box, type Card, detourOf, type Layout } from './layout.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

type LineKind = 'request' | 'expected' | 'observed' | 'broken';

const thinnest = 1.5;
const thickest = 8;
/** Of the lines of all real servers together, where they leave the director. */
const trunk = 34;

/** Everything that is drawn under the boxes; `hub` is the director that requests go through. */
export function linesOf(drawing: Drawing, layout: Layout, hub: Box): Markup {
  const most = Math.max(1, ...layout.cards.map(({ servers }) => totalOf(servers, ({ sent }) => sent)));
  return html`${clientLines(drawing, layout, hub)}
  ${drawing.service.forwarding === 'nat' ? nothing : straightAnswers(drawing, layout)}
  ${layout.cards.map((card, index) => cardLines(drawing, layout, card, most, portOf(hub, index, layout.cards.length)))}`;
}

/** Places on the right side of the director, one below the other. */
function portOf(hub: Box, index: number, of: number): Point {
  const room = hub.height - 24;
  return { x: hub.x + hub.width, y: hub.y + 8 + (of === 1 ? room / 2 : (room * index) / (of - 1)) };
}

function clientLines({ clients, service, request, servers }: Drawing, layout: Layout, hub: Box): Markup {
  const loaded = clients.some(({ sent }) => sent !== undefined);
  const answered = servers.some(answers);
  return html`${layout.clients.map((box, index) => {
    const client = clients[index];
    const sends = client?.sent !== undefined || !loaded;
    const [from, to] = [right(box, -8), { x: hub.x, y: hub.y + hub.height / 2 - 8 }];
    const broken = request !== undefined && sends;
    const thickness = client?.sent === undefined ? thinnest : thickest;
    const [back, home] = [
      { x: hub.x, y: to.y + 16 },
      { x: from.x, y: from.y + 16 },
    ];
    return html`${curve(from, to, broken ? 'broken' : 'request', thickness)}${broken ? cross(between(from, to), request) : nothing}
    ${
      service.forwarding === 'nat'
        ? html`${answered && client?.sent !== undefined ? curve(back, home, 'observed', 5) : nothing}${curve(back, home, 'expected', thinnest)}`
        : nothing
    }`;
  })}`;
}

/** One line for all: from beside the real servers, below everything, to the clients. */
function straightAnswers({ servers }: Drawing, { cards, clients, bus }: Layout): Markup {
  const [first] = cards;
  const last = clients.at(-1);
  if (first === undefined || last === undefined) return nothing;
  const x = last.x + last.width / 2;
  const home = { x, y: last.y + last.height };
  const way = `M${at(bus.x)} ${at(middle(first.box).y)}V${at(bus.y)}H${at(x)}V${at(home.y)}`;
  return html`${servers.some(answers) ? path(way, 'observed', 5) : nothing}${path(way, 'expected', thinnest)}
    <path d="M${at(x - 5)} ${at(home.y + 9)}h10l-5 -9z" class="t-head-expected" />`;
}

function cardLines({ service }: Drawing, layout: Layout, card: Card, most: number, port: Point): Markup {
  const { servers, box } = card;
  const [server] = servers;
  const { trouble } = server;
  const sent = totalOf(servers, (one) => one.sent);
  const answered = totalOf(servers, (one) => (answers(one) ? (one.answered ?? one.sent) : 0));
  const widest = Math.max(2.5, Math.min(thickest, trunk / layout.cards.length));
  const thickness = (n: number) => thinnest + (widest - thinnest) * Math.min(1, n / most);
  const arrival = { x: box.x, y: middle(box).y - 8 };
  const forward = trouble?.hop === 'forward';
  const lines = [
    curve(port, arrival, forward ? 'broken' : 'request', thickness(sent)),
    ...(forward ? [cross(between(port, arrival), trouble)] : []),
  ];
  const leaving = { x: box.x, y: middle(box).y + 10 };
  const back = { x: port.x, y: port.y + 12 };
  if (service.forwarding === 'nat') {
    if (answered > 0) lines.push(curve(leaving, back, 'observed', thickness(answered)));
    lines.push(curve(leaving, back, 'expected', thinnest));
  } else {
    const stub = `M${at(box.x + box.width)} ${at(middle(box).y)}H${at(layout.bus.x)}`;
    if (answered > 0) lines.push(path(stub, 'observed', thickness(answered)));
    lines.push(path(stub, 'expected', thinnest));
  }
  if (trouble?.hop === 'server') lines.push(cross({ x: box.x - 14, y: arrival.y }, trouble));
  if (trouble?.hop === 'reply') lines.push(astray(layout, card, server, trouble, between(leaving, back)));
  return html`${lines}`;
}

/** Answers that take another way: to that next hop; those that take none: crossed where they would leave. */
function astray(layout: Layout, { box }: Card, server: ServerNode, trouble: Trouble, halfway: Point): Markup {
  const via = detourOf(server);
  const detour = layout.detours.find((one) => one.via === via);
  const edge = { x: box.x + box.width, y: middle(box).y + 8 };
  if (detour === undefined) {
    const out = layout.bus.y > layout.astray.y + 12 ? { x: edge.x + 10, y: middle(box).y } : halfway;
    return cross(out, trouble);
  }
  const end = { x: detour.box.x + detour.box.width, y: middle(detour.box).y };
  return html`${path(`M${at(edge.x)} ${at(edge.y)}H${at(layout.astray.x)}V${at(end.y)}H${at(end.x)}`, 'broken', 3)}
  ${cross({ x: end.x + 40, y: end.y }, trouble)}`;
}

function answers({ traffic }: ServerNode): boolean {
  return traffic === 'answers' || traffic === 'partly';
}

function totalOf(servers: readonly ServerNode[], pick: (server: ServerNode) => number | undefined): number {
  return servers.reduce((sum, server) => sum + (pick(server) ?? 0), 0);
}

function curve(from: Point, to: Point, kind: LineKind, width: number): Markup {
  const half = (from.x + to.x) / 2;
  const [turn, halfway] = [at(half), `${at(half)} ${at(to.y)}`];
  const head = kind === 'observed' ? nothing : arrowHead(to, Math.sign(to.x - from.x), kind, width);
  return html`${path(`M${at(from.x)} ${at(from.y)}C${turn} ${at(from.y)} ${halfway} ${at(to.x)} ${at(to.y)}`, kind, width)}${head}`;
}

function arrowHead({ x, y }: Point, direction: number, kind: LineKind, width: number): Markup {
  const half = Math.max(4, width / 2 + 2);
  return html`<path
    d="M${at(x)} ${at(y)}l${at(-direction * 9)} ${at(-half)}v${at(half * 2)}z"
    class="t-head-${kind}"
  />`;
}

function path(way: string, kind: LineKind, width: number): Markup {
  return html`<path d="${way}" class="t-${kind}" stroke-width="${at(width)}" />`;
}

/** Where it breaks: shape as well as colour, and a link to the finding where there is one. */
export function cross({ x, y }: Point, { cause, number }: Trouble): Markup {
  const mark = html`<g class="t-cross">
    <title>${cause}</title>
    <circle cx="${at(x)}" cy="${at(y)}" r="9" /><path d="M${at(x - 4)} ${at(y - 4)}l8 8m0 -8l-8 8" />
  </g>`;
  return number === undefined ? mark : html`<a href="#cause-${number}" aria-label="${cause}">${mark}</a>`;
}

function between(from: Point, to: Point): Point {
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

function middle({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function right({ x, y, width, height }: Box, offset: number): Point {
  return { x: x + width, y: y + height / 2 + offset };
}
