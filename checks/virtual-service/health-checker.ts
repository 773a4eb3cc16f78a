import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { listed } from '../sentences.ts';

/** Programs that take a dead real server out of the table. */
const checkers = ['keepalived', 'ldirectord', 'kube-proxy'];

/** ipvsadm installs rules and looks at nothing. */
export const healthChecker = defineCheck({
  id: 'virtual-service/health-checker',
  title: 'A program takes dead real servers out of the table',
  failureTitle: 'Nothing takes a dead real server out of the table',
  sees: ['healthcheck-absent'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['units'],
  inapplicable: ({ cluster }) => {
    if (cluster.rules.managedBy !== 'ipvsadm')
      return `The rules are managed by ${cluster.rules.managedBy === 'none' ? 'something else' : cluster.rules.managedBy}`;
    return cluster.environment === 'lab'
      ? 'A real server of a lab is down when someone wants to see it down'
      : undefined;
  },
  doc: {
    why:
      'A real server that dies stays a destination for ever: its share of the connections fails until a person sees it. ' +
      'keepalived or ldirectord look every few seconds and give it weight 0, or remove it.',
    byHand: ['systemctl is-active keepalived ldirectord', 'ipvsadm -Ln'],
    references: ['keepalived.conf(5), virtual_server', 'ldirectord(8)'],
  },
  evaluate({ units: { systemd, units } }, { host }, { evidence }) {
    const quoted = [evidence('units')];
    const active = units
      .filter((unit) => unit.active === 'active' && checkers.includes(unit.name.replace(/\.service$/, '')))
      .map(({ name }) => name);
    if (active.length > 0) return pass({ active }, quoted);
    if (units.some(({ name, active: state }) => name === 'pacemaker.service' && state === 'active')) {
      return notApplicable(`Pacemaker runs on ${host.name}, and may run ldirectord as one of its resources`);
    }
    if (!systemd)
      return notApplicable(
        `systemd does not run ${host.name}, and what else looks after real servers there is not known`,
      );
    return fail({
      reason: `${host.name} has rules by ipvsadm and runs none of ${listed(['keepalived', 'ldirectord'])}: a dead real server keeps its share`,
      found: { active: [] },
      expected: 'keepalived.service or ldirectord.service active',
      evidence: quoted,
    });
  },
});
