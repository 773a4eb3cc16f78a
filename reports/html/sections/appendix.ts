/** What was done to the cluster, what it consists of, how this was measured, and the place to sign. */
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { words } from '../../language/index.ts';
import { byReason, guardNotes, unevaluated } from '../../summary.ts';
import { resolutionText } from '../../sampling.ts';
import { duration, percent, utc } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

export function changesSection({ record }: View): Markup {
  return html`<section id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">${words().changes.title}</h2>
    ${
      record.changes.length === 0
        ? html`<p>${words().changes.nothing}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="changes-title">
            <table class="rows">
              <thead>
                <tr>
                  ${words().changes.columns.map((column) => html`<th scope="col">${column}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${record.changes.map(
                  (change) =>
                    html`<tr>
                      <th scope="row"><span class="host">${brief(change.host, 255)}</span></th>
                      <td>${brief(change.what)}<br /><code>${brief(change.command, 500)}</code></td>
                      <td><code>${brief(change.undo, 500)}</code></td>
                      <td>
                        ${change.undone ? badge('pass', words().verdict.yes) : badge('fail', words().verdict.no)}${change.undoError === undefined ? nothing : html`<br />${brief(change.undoError)}`}
                      </td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${guardNotes(record).map(({ host, text }) => html`<p><span class="host">${brief(host, 255)}</span> ${brief(text, 2000)}</p>`)}
  </section>`;
}

export function inventorySection({ record }: View): Markup {
  const { inventory, summary, verdict } = words();
  const contacts = new Map(record.hosts.map((contact) => [contact.name, contact]));
  return html`<section id="inventory" aria-labelledby="inventory-title">
    <h2 id="inventory-title">${inventory.title}</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="${inventory.hosts}">
      <table class="rows">
        <thead>
          <tr>
            ${inventory.hostColumns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${record.cluster.hosts.map(({ name, role, address }) => {
            const contact = contacts.get(name);
            return html`<tr>
              <th scope="row"><span class="host">${brief(name, 255)}</span></th>
              <td>${summary.roles[role]}</td>
              <td>${brief(address, 255)}</td>
              <td>
                ${brief(contact?.os ?? '–', 120)}${contact?.kernel === undefined ? nothing : html`<br /><span class="quiet">${inventory.kernel(brief(contact.kernel, 120))}</span>`}
              </td>
              <td>
                ${
                  contact === undefined
                    ? badge('not-run', inventory.notContacted)
                    : contact.reachable
                      ? html`${badge('pass', verdict.yes)}${contact.user === undefined ? nothing : html` ${inventory.as(brief(contact.user, 60))}`}${contact.factsMs === undefined ? nothing : html`<br /><span class="quiet">${inventory.factsIn(duration(contact.factsMs))}</span>`}`
                      : html`${badge('error', verdict.no)}<br />${brief(contact.error?.message ?? '')}`
                }
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    <div class="scroll" tabindex="0" role="group" aria-label="${inventory.services}">
      <table class="rows">
        <thead>
          <tr>
            ${inventory.serviceColumns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${record.cluster.services.map(
            (service) =>
              html`<tr>
                <th scope="row">${brief(service.name, 255)}</th>
                <td>${brief(service.vip, 60)}:${service.port} ${service.protocol}</td>
                <td>VS/${service.forwarding.toUpperCase()}, ${brief(service.scheduler, 20)}</td>
                <td>
                  ${service.realServers.map((one, index) => html`${index === 0 ? nothing : html`<br />`}<span class="host">${brief(one.name, 255)}</span> ${brief(one.address, 100)} <span class="quiet">${inventory.weight(one.weight)}</span>`)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

export function methodSection({ record }: View): Markup {
  const { method } = words();
  const skipped = byReason(record.verdicts.filter(({ outcome }) => outcome === 'not-applicable'));
  return html`<section id="method" aria-labelledby="method-title">
    <h2 id="method-title">${method.title}</h2>
    ${stages(record)}
    <ul class="because">
      ${limits(record).map((limit) => html`<li>${limit}</li>`)}
      ${
        skipped.length === 0
          ? nothing
          : html`<li>
              ${method.notApplicable}
              ${skipped.slice(0, 30).map(({ reason, verdicts }, index) => html`${index === 0 ? nothing : '; '}${brief(reason, 200)}${verdicts.length > 1 ? method.several(verdicts.length) : nothing}`)}.
            </li>`
      }
    </ul>
  </section>`;
}

function stages({ stages: all }: RunRecord): Markup {
  if (all.length === 0) return nothing;
  const longest = Math.max(1, ...all.map(({ durationMs }) => durationMs).filter(Number.isFinite));
  return html`<table class="stages">
    <caption>
      ${words().method.stages}
    </caption>
    <tbody>
      ${all.map(
        ({ name, durationMs }) =>
          html`<tr>
            <th scope="row">${brief(name, 60)}</th>
            <td>${duration(durationMs)}</td>
            <td>
              <svg viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect
                  width="${Number.isFinite(durationMs) ? Math.max(1, Math.round((durationMs / longest) * 200)) : 0}"
                  height="8"
                  class="bar"
                />
              </svg>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What a reader must know to judge the figures, in sentences. */
function limits(record: RunRecord): readonly string[] {
  const { method } = words();
  const open = unevaluated(record).length;
  const all = record.verdicts.length;
  return [
    all === 0 ? method.nonePlanned : open === 0 ? method.allAnswered(all) : method.unanswered(open, all),
    method.once,
    ...clock(record.verdicts),
    ...Object.values(record.samples).map((sampling) => {
      const lost = sampling.gaps.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
      return method.table(
        brief(sampling.service, 100),
        brief(sampling.host, 100),
        resolutionText(sampling),
        lost > 0 ? duration(lost) : undefined,
      );
    }),
    ...record.load.map(({ service, generator, engine }) =>
      method.times(brief(service, 100), engine, percent(generator.cpuShare), duration(generator.eventLoopDelayP99Ms)),
    ),
    ...(record.load.some(({ openLoop }) => openLoop === undefined) ? [method.closedLoop] : []),
    method.beginnings,
    ...(method.language === '' ? [] : [method.language]),
  ];
}

/** How far the clocks of the hosts were apart, from the checks that measured it. */
function clock(verdicts: readonly Verdict[]): readonly string[] {
  const readings = verdicts.flatMap(({ found }) =>
    typeof found === 'object' &&
    found !== null &&
    'offsetMs' in found &&
    'errorMs' in found &&
    typeof found.offsetMs === 'number' &&
    typeof found.errorMs === 'number'
      ? [{ offsetMs: Math.abs(found.offsetMs), errorMs: found.errorMs }]
      : [],
  );
  if (readings.length === 0) return [];
  const offset = Math.max(...readings.map(({ offsetMs }) => offsetMs));
  const error = Math.max(...readings.map(({ errorMs }) => errorMs));
  return [words().method.clocks(readings.length, duration(offset), duration(error))];
}

export function signOffSection({ record }: View): Markup {
  const { signOff, summary } = words();
  const lines = signOff.roles.map(
    (role) =>
      html`<tr>
        <th scope="row">${role}</th>
        <td></td>
        <td></td>
        <td></td>
      </tr>`,
  );
  return html`<section id="sign-off" aria-labelledby="sign-off-title">
    <h2 id="sign-off-title">${signOff.title}</h2>
    <p>
      ${signOff.text(brief(record.cluster.name, 255), brief(record.id, 100), utc(record.startedAt))}
      <b>${summary.verdicts[record.verdict]}</b>${record.restored ? nothing : signOff.notRestored}.
    </p>
    <table class="sign-off">
      <thead>
        <tr>
          <td></td>
          ${signOff.columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </section>`;
}
