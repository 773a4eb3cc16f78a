import { sameMachine } from '../same-machine.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';

/** Cloned machines keep it; DHCP servers know a client by what is made of it. */
export const machineId = defineCheck({
  id: 'network/machine-id',
  title: "Host's machine-id is its alone",
  failureTitle: 'Another host has the same machine-id: one was cloned from the other',
  sees: ['duplicate-hostname'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['machineId'],
  requiresOfAll: ['machineId'],
  doc: {
    why:
      'systemd-networkd and NetworkManager make their DHCP identity of it: two hosts with one id are given one lease, and so ' +
      'one address. Journals and inventories mix them up.',
    byHand: ['cat /etc/machine-id', 'cat /sys/class/dmi/id/product_uuid'],
    references: ['machine-id(5)', 'systemd-machine-id-setup(1)', 'systemd.network(5) (DUIDType=)'],
  },
  evaluate({ machineId: own }, { cluster, host }, { evidence, everyone }) {
    if (own === '')
      return notApplicable(`${host.name} has no machine-id, so none that another host could have as well`);
    const others = hostsOf(cluster).filter((other) => !sameMachine(host, other));
    const idOf = (name: string) => {
      const fact = everyone.get(name)?.machineId;
      return fact?.known === true ? fact : undefined;
    };
    const twins = others.filter(({ name }) => idOf(name)?.value === own);
    const notCompared = others.filter(({ name }) => idOf(name) === undefined).map(({ name }) => name);
    const quoted = [evidence('machineId'), ...twins.flatMap(({ name }) => idOf(name)?.evidence ?? [])];
    const found = { machineId: own, ...(notCompared.length === 0 ? {} : { notCompared }) };
    if (twins.length === 0) {
      if (others.length > 0 && notCompared.length === others.length)
        return cannotTell(`${host.name} has a machine-id, and no other host said what it has`, quoted);
      return pass(found, quoted);
    }
    return fail({
      reason: `${host.name} has the machine-id of ${listed(twins.map(({ name }) => name))}`,
      found,
      expected: 'an id that no other host of the cluster has',
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Make a new machine-id, on all of them but one; addresses from DHCP may change with it',
        commands: [
          'cp -p /etc/machine-id /etc/machine-id.before-ipvet',
          'rm -f /etc/machine-id /var/lib/dbus/machine-id',
          'systemd-machine-id-setup',
        ],
        undo: ['mv /etc/machine-id.before-ipvet /etc/machine-id'],
      },
    });
  },
});
