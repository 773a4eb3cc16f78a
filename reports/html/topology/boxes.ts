/** Hosts as boxes with their names, addresses, state and traffic. */
import type { Outcome } from '../../../lib/model/verdict.ts';
import { words } from '../../language/index.ts';
import { percent } from '../../units.ts';
import { brief, visibleLine } from '../../visible.ts';
import { at } from '../charts/scale.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { ClientNode, DirectorNode, Drawing, ServerNode, Trouble } from './drawing.ts';
import { type Box, type Card, type Layout, mostNodes } from './layout.ts';
import { cross } from './lines.ts';
import { fitted } from './text.ts';

const pad = 12;

export function boxesOf(drawing: Drawing, layout: Layout): Markup {
  const { topology } = words();
  const lastClient = layout.clients.at(-1);
  const lastDirector = layout.directors.at(-1);
  return html`${layout.clients.map((box, index) => clientBox(box, drawing.clients[index]))}
  ${lastClient !== undefined && drawing.clients.length > mostNodes ? more(lastClient, topology.clients(drawing.clients.length - mostNodes)) : nothing}
  ${layout.directors.map((box, index) => directorBox(box, drawing.directors[index], drawing))}
  ${lastDirector !== undefined && drawing.directors.length > mostNodes ? more(lastDirector, topology.directors(drawing.directors.length - mostNodes)) : nothing}
  ${layout.detours.map(
    ({ box, via }) =>
      html`${frame(box, 't-box t-bad')}${line(box, 18, via, 13, 't-name')}${line(box, 33, topology.notDirector, 11, 't-bad-text')}`,
  )}
  ${layout.cards.map((card) => (card.servers.length === 1 ? serverBox(card.box, card.servers[0]) : groupBox(card)))}`;
}

function clientBox(box: Box, client: ClientNode | undefined): Markup {
  const { topology } = words();
  return html`${frame(box, client?.trouble === undefined ? 't-box' : 't-box t-bad')}${state(box, client?.outcome)}
  ${line(box, 19, client?.name ?? topology.client, 13, 't-name', client?.outcome === undefined ? 0 : 20)}${line(box, 37, client?.address ?? '', 12, 't-quiet')}
  ${client?.sent === undefined ? nothing : line(box, 54, topology.requests(client.sent), 12, 't-text')}`;
}

function directorBox(box: Box, director: DirectorNode | undefined, { service, vip }: Drawing): Markup {
  const { topology } = words();
  const serves = director?.serves !== false;
  const pill: Box = { x: box.x + pad, y: box.y + 36, width: box.width - 2 * pad, height: 24 };
  const address = `VIP ${service.vip.includes(':') ? `[${service.vip}]` : service.vip}:${service.port}/${service.protocol}`;
  return html`${frame(box, `t-box${director?.trouble === undefined ? '' : ' t-bad'}${serves ? '' : ' t-standby'}`)}${state(box, director?.outcome)}
  ${line(box, 22, joined([director?.name ?? topology.director, director?.address]), 13, 't-name', director?.outcome === undefined ? 0 : 20)}
  ${
    serves
      ? html`${frame(pill, vip === undefined ? 't-vip' : 't-vip t-bad', 12)}${line(pill, 16, address, 12, 't-name')}
        ${line(box, 78, `VS/${service.forwarding.toUpperCase()} · ${brief(service.scheduler, 20)} · ${brief(service.name, 60)}`, 12, 't-quiet')}
        ${vip === undefined ? nothing : cross({ x: pill.x + pill.width, y: pill.y + 12 }, vip)}`
      : line(box, 52, topology.standby, 12, 't-quiet')
  }
  ${director?.trouble === undefined ? nothing : html`${cause(box, 92, director.trouble)}${cross({ x: box.x + box.width, y: box.y }, director.trouble)}`}`;
}

function serverBox(box: Box, server: ServerNode): Markup {
  const { topology } = words();
  const share = server.share === undefined ? '' : percent(server.share);
  const weight = server.weight === 0 ? topology.quiesced : topology.weight(server.weight);
  const bad = server.trouble?.hop === 'server';
  return html`${frame(box, bad ? 't-box t-bad' : 't-box')}${state(box, server.outcome)}
    ${line(box, 20, server.name, 13, 't-name', server.outcome === undefined ? 0 : 20, 56)}
    <text x="${at(box.x + box.width - pad)}" y="${at(box.y + 20)}" class="t-text t-share">${share}</text>
    ${line(box, 38, joined([server.address, weight]), 12, 't-quiet')}${line(box, 55, traffic(server), 12, 't-text')}
    ${server.trouble === undefined ? nothing : cause(box, 74, server.trouble)}`;
}

function groupBox({ box, servers }: Card): Markup {
  const { topology } = words();
  const [first] = servers;
  const last = servers.at(-1) ?? first;
  const total = (pick: (server: ServerNode) => number | undefined) =>
    servers.some((server) => pick(server) !== undefined)
      ? servers.reduce((sum, server) => sum + (pick(server) ?? 0), 0)
      : undefined;
  const [sent, answered, share] = [total((one) => one.sent), total((one) => one.answered), total((one) => one.share)];
  const behind = { ...box, x: box.x + 4, y: box.y + 4 };
  return html`${frame(behind, 't-box')}${frame(box, first.trouble?.hop === 'server' ? 't-box t-bad' : 't-box')}${state(box, first.outcome)}
    ${line(box, 20, topology.group(servers.length), 13, 't-name', first.outcome === undefined ? 0 : 20, 56)}
    <text x="${at(box.x + box.width - pad)}" y="${at(box.y + 20)}" class="t-text t-share"
      >${share === undefined ? '' : percent(share)}</text
    >
    ${line(box, 38, topology.to(brief(first.name, 80), brief(last.name, 80)), 12, 't-quiet')}
    ${line(box, 55, figures(first.traffic, sent, answered), 12, 't-text')}
    ${first.trouble === undefined ? nothing : cause(box, 74, first.trouble)}`;
}

function traffic({ traffic: seen, sent, answered }: ServerNode): string {
  return figures(seen, sent, answered);
}

function figures(seen: ServerNode['traffic'], sent: number | undefined, answered: number | undefined): string {
  const { topology } = words();
  if (seen === 'unobserved' && sent === undefined) return topology.unobserved;
  if (seen === 'idle') return topology.idle;
  return joined([
    sent === undefined ? undefined : topology.sent(sent),
    answered === undefined ? undefined : topology.answered(answered),
  ]);
}

function cause(box: Box, y: number, { cause: name, number }: Trouble): Markup {
  const text = line(box, y, number === undefined ? name : `${number} ${name}`, 12, 't-bad-text');
  return number === undefined ? text : html`<a href="#cause-${number}">${text}</a>`;
}

function more({ x, y, height }: Box, text: string): Markup {
  return html`<text x="${at(x)}" y="${at(y + height + 18)}" class="t-quiet" font-size="12">${text}</text>`;
}

function frame({ x, y, width, height }: Box, kind: string, radius = 6): Markup {
  return html`<rect
    x="${at(x)}"
    y="${at(y)}"
    width="${at(width)}"
    height="${at(height)}"
    rx="${radius}"
    class="${kind}"
  />`;
}

function state({ x, y }: Box, outcome: Outcome | undefined): Markup {
  return outcome === undefined
    ? nothing
    : html`<use
        href="#i-${outcome}"
        x="${at(x + pad - 2)}"
        y="${at(y + 7)}"
        width="15"
        height="15"
        class="i-${outcome}"
      />`;
}

/** One line of a box; what does not fit is in its title. */
function line(box: Box, y: number, text: string, size: number, kind: string, indent = 0, kept = 0): Markup {
  const shown = fitted(text, box.width - 2 * pad - indent - kept, size);
  const whole = visibleLine(text.slice(0, 300));
  return html`<text x="${at(box.x + pad + indent)}" y="${at(box.y + y)}" font-size="${size}" class="t-text ${kind}"
    >${shown === whole ? nothing : html`<title>${whole}</title>`}${shown}</text
  >`;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
