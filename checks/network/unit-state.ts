import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { Units } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

type Unit = Units['units'][number];

/** Of what systemd says (systemctl(1), is-enabled), these are gone or held back at the next boot. */
const notAtBoot = ['disabled', 'enabled-runtime', 'linked', 'linked-runtime', 'masked', 'masked-runtime'];

/** Who else starts it: netplan, at every boot, in /run; a socket; a unit of its own that is judged elsewhere. */
const startedOtherwise = (units: readonly Unit[], { name, enabled }: Unit): boolean =>
  (name === 'systemd-networkd.service' && enabled === 'enabled-runtime') ||
  name === 'docker.service' ||
  name === 'ipvsadm.service' ||
  (/^sshd?\.(service|socket)$/.test(name) &&
    units.some((one) => /^sshd?\.(service|socket)$/.test(one.name) && !notAtBoot.includes(one.enabled)));

/** What runs now and is not started at boot, what was to start and did not, and what the cluster file says should run. */
export const unitState = defineCheck({
  id: 'network/unit-state',
  title: 'What the host serves with is started at boot, and has not failed',
  failureTitle: 'A unit the host serves with has failed, or is not started at boot',
  sees: ['unit-not-enabled', 'backup-not-running'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['units'],
  inapplicable: ({ host }) => (host.role === 'client' ? `${host.name} only sends load` : undefined),
  doc: {
    why:
      'A web server, keepalived or time service that was started by hand is gone after the next reboot; one that is enabled and ' +
      'failed at boot, because its address was not there yet, is gone now.',
    byHand: ['systemctl --failed', 'systemctl is-enabled nginx keepalived chrony ssh', 'systemctl status UNIT'],
    references: ['systemctl(1)', 'systemd.unit(5)', 'systemd.special(7) (network-online.target)'],
  },
  evaluate({ units }, { cluster, host }, { evidence }) {
    if (!units.systemd)
      return notApplicable(`${host.name} is not run by systemd, and what its init starts is not looked at`);
    const all = units.units;
    const failed = all.filter(({ active }) => active === 'failed');
    const latent = all.filter(
      (unit) => unit.active === 'active' && notAtBoot.includes(unit.enabled) && !startedOtherwise(all, unit),
    );
    const idle = mustRun(cluster, host).filter(
      (name) =>
        !all.some(
          (unit) => unit.name === name && ['active', 'failed', 'activating', 'reloading'].includes(unit.active),
        ),
    );
    const found = Object.fromEntries(
      all.map(({ name, active, enabled }) => [name, `${active}, ${enabled || 'unknown'}`]),
    );
    const wrong = [...failed, ...latent].map(({ name }) => name);
    const quoted = [quote(evidence('units'), ...wrong, ...idle)];
    if (wrong.length + idle.length === 0) return pass(found, quoted);
    return fail({
      reason: `${host.name} has ${listed([
        ...latent.map(({ name, enabled }) => `${name} running, which is ${enabled} and not started at boot`),
        ...failed.map(({ name }) => `${name} failed`),
        ...idle.map((name) => `${name} not running, although the cluster file says that it manages the rules`),
      ])}`,
      faults: [
        ...(idle.length > 0 && cluster.directors.length > 1 ? (['backup-not-running'] as const) : []),
        ...(wrong.length > 0 || cluster.directors.length === 1 ? (['unit-not-enabled'] as const) : []),
      ],
      found,
      expected: Object.fromEntries([...wrong, ...idle].map((name) => [name, 'active, enabled'])),
      evidence: quoted,
      remedy: remedyOf(host.name, latent, [...failed.map(({ name }) => name), ...idle]),
    });
  },
});

function mustRun(cluster: Cluster, host: ClusterHost): readonly string[] {
  return host.role === 'director' && cluster.rules.managedBy === 'keepalived' ? ['keepalived.service'] : [];
}

function remedyOf(host: string, latent: readonly Unit[], stopped: readonly string[]): Remedy {
  const masked = latent.filter(({ enabled }) => enabled.startsWith('masked')).map(({ name }) => shellWord(name));
  const names = latent.map(({ name }) => shellWord(name));
  const idle = stopped.map((name) => shellWord(name));
  return {
    host,
    summary:
      idle.length === 0
        ? 'Have it started at boot'
        : 'Start it; journalctl -u UNIT says why it failed, often that its address was not there yet (After=network-online.target)',
    commands: [
      ...(masked.length === 0 ? [] : [`systemctl unmask ${masked.join(' ')}`]),
      ...(names.length === 0 ? [] : [`systemctl enable ${names.join(' ')}`]),
      ...(idle.length === 0 ? [] : [`systemctl start ${idle.join(' ')}`]),
    ],
    undo: [
      ...(names.length === 0 ? [] : [`systemctl disable ${names.join(' ')}`]),
      ...(idle.length === 0 ? [] : [`systemctl stop ${idle.join(' ')}`]),
    ],
  };
}
