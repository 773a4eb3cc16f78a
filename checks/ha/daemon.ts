import { alone } from '../director-pair.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Fact, Units } from '../../lib/model/facts.ts';

/** network/unit-state asks whether what runs is started at boot; this asks whether anybody is there to take over. */
export const daemon = defineCheck({
  id: 'ha/daemon',
  title: 'keepalived runs on every director, and is started at boot',
  failureTitle: 'A director does not run keepalived, or not after its next boot',
  sees: ['backup-not-running'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalived'],
  requiresOfAll: ['keepalived', 'units'],
  inapplicable: alone,
  doc: {
    why: 'A director without keepalived never takes the VIP: nobody notices until the other one dies, and then nobody answers.',
    byHand: ['systemctl is-active keepalived', 'systemctl is-enabled keepalived', 'journalctl -b -u keepalived'],
    references: ['keepalived(8)', 'systemctl(1)'],
  },
  evaluate({ keepalived }, { cluster, host }, { evidence, everyone }) {
    const declared = cluster.ha !== undefined || cluster.rules.managedBy === 'keepalived';
    const anywhere = cluster.directors.some(({ name }) => {
      const fact = everyone.get(name)?.keepalived;
      return fact?.known === true && (fact.value.running || fact.value.version !== undefined);
    });
    if (!declared && !anywhere)
      return notApplicable('No director has keepalived, and the cluster file does not ask for it');
    const fact = everyone.get(host.name)?.units;
    const unit = unitOf(fact);
    const quoted = [evidence('keepalived'), ...(fact?.known === true ? [fact.evidence] : [])];
    const running = unit === undefined ? keepalived.running : unit.active === 'active' || unit.active === 'reloading';
    const found = { version: keepalived.version ?? 'not installed', running, enabled: unit?.enabled ?? 'not known' };
    const expected = 'keepalived running, and enabled';
    if (!running) {
      const installed = keepalived.version !== undefined;
      return fail({
        reason: `${host.name} does not run keepalived${installed ? '' : ', which is not installed there'}${unit?.active === 'failed' ? ': the unit failed' : ''}`,
        found,
        expected,
        evidence: quoted,
        ...(installed
          ? {
              remedy: {
                host: host.name,
                summary: 'Start keepalived, now and at boot; journalctl -u keepalived says why it ended',
                commands: ['systemctl enable keepalived', 'systemctl start keepalived'],
                undo: [
                  'systemctl stop keepalived',
                  ...(unit?.enabled === 'enabled' ? [] : ['systemctl disable keepalived']),
                ],
              },
            }
          : {}),
      });
    }
    if (unit !== undefined && /^(disabled|masked|enabled-runtime|linked)/.test(unit.enabled))
      return fail({
        reason: `keepalived runs on ${host.name} and is ${unit.enabled}: after a boot nobody starts it`,
        found,
        expected,
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: 'Have keepalived started at boot',
          commands: [
            ...(unit.enabled.startsWith('masked') ? ['systemctl unmask keepalived'] : []),
            'systemctl enable keepalived',
          ],
          undo: ['systemctl disable keepalived'],
        },
      });
    if (fact?.known === false && fact.reason !== 'unsupported')
      return cannotTell(
        `Whether ${host.name} starts keepalived at boot is not known: ${fact.message}`,
        quoted,
        fact.hint,
      );
    return pass(found, quoted);
  },
});

function unitOf(fact: Fact<Units> | undefined) {
  return fact?.known === true && fact.value.systemd
    ? (fact.value.units.find(({ name }) => name === 'keepalived.service') ?? undefined)
    : undefined;
}
