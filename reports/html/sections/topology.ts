/** The cluster as a picture for each virtual service, and the same in words. */
import { words } from '../../language/index.ts';
import { count, percent } from '../../units.ts';
import { brief } from '../../visible.ts';
import { at } from '../charts/scale.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { boxesOf } from '../topology/boxes.ts';
import { type Drawing, drawingOf, type ServerNode } from '../topology/drawing.ts';
import { layoutOf } from '../topology/layout.ts';
import { linesOf } from '../topology/lines.ts';
import type { View } from '../view.ts';

const mostServices = 8;
const mostRows = 500;

export function topologySection({ record }: View): Markup {
  const { services } = record.cluster;
  if (services.length === 0) return nothing;
  const { topology } = words();
  const drawings = services.map((service) => drawingOf(record, service));
  // Trouble first when not all can be drawn.
  const shown =
    services.length <= mostServices
      ? drawings
      : drawings.toSorted((a, b) => troubles(b) - troubles(a)).slice(0, mostServices);
  return html`<section id="topology" aria-labelledby="topology-title">
    <h2 id="topology-title">${topology.title}</h2>
    ${shown.map(
      (drawing) =>
        html`${services.length > 1 ? html`<h3>${topology.service(brief(drawing.service.name, 255))}</h3>` : nothing}
        ${picture(drawing)}`,
    )}
    ${services.length > shown.length ? html`<p class="note">${topology.moreServices(services.length - shown.length)}</p>` : nothing}
  </section>`;
}

function troubles({ servers, directors, request, vip }: Drawing): number {
  const hosts = [...servers, ...directors].filter(({ trouble }) => trouble !== undefined).length;
  return hosts + (request === undefined ? 0 : 1) + (vip === undefined ? 0 : 1);
}

function picture(drawing: Drawing): Markup {
  const { topology } = words();
  const layout = layoutOf(drawing);
  const serving = drawing.directors.findIndex(({ serves }) => serves === true);
  const hub = layout.directors[serving < 0 ? 0 : serving] ?? layout.directors[0];
  if (hub === undefined) return nothing;
  const { service } = drawing;
  const label = topology.summary(
    `${brief(service.vip, 60)}:${service.port}`,
    `VS/${service.forwarding.toUpperCase()}`,
    drawing.servers.length,
    troubles(drawing),
  );
  return html`<figure class="topology">
    <div class="scroll" tabindex="0" role="group" aria-label="${label}">
      <svg viewBox="0 0 ${layout.width} ${at(layout.height)}" role="group" aria-label="${label}">
        ${linesOf(drawing, layout, hub)} ${boxesOf(drawing, layout)}
      </svg>
    </div>
    ${legend(drawing)} ${inWords(drawing)}
  </figure>`;
}

function legend({ service }: Drawing): Markup {
  const { topology } = words();
  const lines = ['request', 'expected', 'observed', 'broken'] as const;
  return html`<figcaption class="legend">
    ${lines.map(
      (kind) =>
        html`<span class="swatch"
          ><svg width="34" height="18" aria-hidden="true" focusable="false">
            <path d="M1 9h32" class="t-${kind}" stroke-width="${kind === 'expected' ? 1.5 : 4}" />
            ${kind === 'broken' ? html`<g class="t-cross"><circle cx="17" cy="9" r="8" /><path d="M13.5 5.5l7 7m0 -7l-7 7" /></g>` : nothing}</svg
          >${topology.legend[kind]}</span
        >`,
    )}
    <span class="quiet">${service.forwarding === 'nat' ? topology.back : topology.straight}</span>
  </figcaption>`;
}

function inWords({ servers }: Drawing): Markup {
  const { topology } = words();
  if (servers.length === 0) return nothing;
  return html`<details>
    <summary>${topology.inWords}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${topology.inWords}">
      <table class="rows">
        <thead>
          <tr>
            ${topology.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${servers.slice(0, mostRows).map(row)}
        </tbody>
      </table>
    </div>
    ${servers.length > mostRows ? html`<p class="note">${topology.more(servers.length - mostRows)}</p>` : nothing}
  </details>`;
}

function row(server: ServerNode): Markup {
  const { topology } = words();
  const figure = (value: number | undefined) => (value === undefined ? '–' : count(value));
  return html`<tr>
    <th scope="row">
      <span class="host">${brief(server.name, 255)}</span> <span class="quiet">${brief(server.address, 100)}</span>
    </th>
    <td>${figure(server.sent)}</td>
    <td>${server.share === undefined ? '–' : percent(server.share)}</td>
    <td>${figure(server.answered)}</td>
    <td>${brief(server.route ?? '–', 200)}</td>
    <td>
      ${topology.seen[server.traffic]}${server.trouble === undefined ? nothing : html`; <code>${brief(server.trouble.cause, 120)}</code>`}
    </td>
  </tr>`;
}
