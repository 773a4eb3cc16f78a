/** What was done to the cluster, what it consists of, how this was measured, and the place to sign. */
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { byReason, guardNotes, unevaluated, verdictWords } from '../../summary.ts';
import { resolutionText } from '../../sampling.ts';
import { count, duration, percent, plural, utc } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

export function changesSection({ record }: View): Markup {
  return html`<section id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">Changes to the cluster</h2>
    ${
      record.changes.length === 0
        ? html`<p>Nothing was changed on any host.</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="changes-title">
            <table class="rows">
              <thead>
                <tr>
                  <th scope="col">Host</th>
                  <th scope="col">What</th>
                  <th scope="col">Undo</th>
                  <th scope="col">Taken back</th>
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
                        ${change.undone ? badge('pass', 'yes') : badge('fail', 'NO')}${change.undoError === undefined ? nothing : html`<br />${brief(change.undoError)}`}
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
  const contacts = new Map(record.hosts.map((contact) => [contact.name, contact]));
  return html`<section id="inventory" aria-labelledby="inventory-title">
    <h2 id="inventory-title">Inventory</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="Hosts">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">Role</th>
            <th scope="col">Address</th>
            <th scope="col">System</th>
            <th scope="col">Reached</th>
          </tr>
        </thead>
        <tbody>
          ${record.cluster.hosts.map(({ name, role, address }) => {
            const contact = contacts.get(name);
            return html`<tr>
              <th scope="row"><span class="host">${brief(name, 255)}</span></th>
              <td>${role.replace('-', ' ')}</td>
              <td>${brief(address, 255)}</td>
              <td>
                ${brief(contact?.os ?? '–', 120)}${contact?.kernel === undefined ? nothing : html`<br /><span class="quiet">kernel ${brief(contact.kernel, 120)}</span>`}
              </td>
              <td>
                ${
                  contact === undefined
                    ? badge('not-run', 'not contacted')
                    : contact.reachable
                      ? html`${badge('pass', 'yes')}${contact.user === undefined ? nothing : html` as ${brief(contact.user, 60)}`}${contact.factsMs === undefined ? nothing : html`<br /><span class="quiet">facts in ${duration(contact.factsMs)}</span>`}`
                      : html`${badge('error', 'no')}<br />${brief(contact.error?.message ?? '')}`
                }
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    <div class="scroll" tabindex="0" role="group" aria-label="Virtual services">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Virtual service</th>
            <th scope="col">VIP</th>
            <th scope="col">Method</th>
            <th scope="col">Real servers</th>
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
                  ${service.realServers.map((one, index) => html`${index === 0 ? nothing : html`<br />`}<span class="host">${brief(one.name, 255)}</span> ${brief(one.address, 100)} <span class="quiet">weight ${one.weight}</span>`)}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

export function methodSection({ record }: View): Markup {
  const skipped = byReason(record.verdicts.filter(({ outcome }) => outcome === 'not-applicable'));
  return html`<section id="method" aria-labelledby="method-title">
    <h2 id="method-title">Method and limits</h2>
    ${stages(record)}
    <ul class="because">
      ${limits(record).map((limit) => html`<li>${limit}</li>`)}
      ${
        skipped.length === 0
          ? nothing
          : html`<li>
              Checks that do not apply here:
              ${skipped.slice(0, 30).map(({ reason, verdicts }, index) => html`${index === 0 ? nothing : '; '}${brief(reason, 200)}${verdicts.length > 1 ? ` (${verdicts.length} checks)` : nothing}`)}.
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
      Time of each stage
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
function limits(record: RunRecord): string[] {
  const open = unevaluated(record).length;
  return [
    ...(record.verdicts.length === 0
      ? ['No check was planned.']
      : open === 0
        ? [`Each of the ${plural(record.verdicts.length, 'planned check')} was answered.`]
        : [
            `${plural(open, 'planned check')} of ${count(record.verdicts.length)} got no answer and count neither as passed nor as failed.`,
          ]),
    'Facts of a host were fetched in one round trip and judged afterwards; what changed on a host during the run is not seen.',
    ...clock(record.verdicts),
    ...Object.values(record.samples).map((sampling) => {
      const lost = sampling.gaps.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
      return `${brief(sampling.service, 100)}: the connection table of ${brief(sampling.host, 100)} was read as a whole: ${resolutionText(sampling)}${lost > 0 ? `; ${duration(lost)} are without samples and are not filled in` : ''}. States that last less than the interval can go unseen.`;
    }),
    ...record.load.map(
      ({ service, generator, engine }) =>
        `${brief(service, 100)}: times are those of the client (engine ${engine}), percentiles to three significant digits. The client used ${percent(generator.cpuShare)} of one CPU, and its own delays were ${duration(generator.eventLoopDelayP99Ms)} at p99: latencies below that are its own.`,
    ),
    ...(record.load.length === 0
      ? []
      : [
          'A new request waits for a free place, so a slow cluster gets fewer requests a second; percentiles are of the requests that were sent.',
        ]),
    'Only the beginning of long outputs is shown here; run.json beside this file has them whole.',
  ];
}

/** How far the clocks of the hosts were apart, from the checks that measured it. */
function clock(verdicts: readonly Verdict[]): string[] {
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
  return [
    `Clocks of ${plural(readings.length, 'host')} were measured against the machine that ran this: at most ${duration(offset)} from it, known to ± ${duration(error)}.`,
  ];
}

export function signOffSection({ record }: View): Markup {
  const lines = ['Tested by', 'Accepted by'].map(
    (role) =>
      html`<tr>
        <th scope="row">${role}</th>
        <td></td>
        <td></td>
        <td></td>
      </tr>`,
  );
  return html`<section id="sign-off" aria-labelledby="sign-off-title">
    <h2 id="sign-off-title">Sign-off</h2>
    <p>
      Cluster <b>${brief(record.cluster.name, 255)}</b>, run <code>${brief(record.id, 100)}</code> of
      ${utc(record.startedAt)}:
      <b>${verdictWords[record.verdict]}</b>${record.restored ? nothing : ', cluster not restored'}.
    </p>
    <table class="sign-off">
      <thead>
        <tr>
          <td></td>
          <th scope="col">Name</th>
          <th scope="col">Date</th>
          <th scope="col">Signature</th>
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </section>`;
}
