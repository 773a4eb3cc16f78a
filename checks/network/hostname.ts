import { listed } from '../sentences.ts';
import { sameMachine } from '../same-machine.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { ClusterHost } from '../../lib/model/cluster.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * The cluster file's names are labels: a host may call itself something else. It must not call itself what another host
 * does, or what the cluster file calls another host.
 */
export const hostname = defineCheck({
  id: 'network/hostname',
  title: "Host's own name is its alone",
  failureTitle: "Host's own name belongs to another host too",
  sees: ['duplicate-hostname'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['hostname'],
  requiresOfAll: ['hostname'],
  doc: {
    why:
      'Cloned machines keep their name (and machine-id): logs, inventories and DHCP leases mix them up, and keepalived takes ' +
      'its router_id from it. Of two hosts with crossed names each gets the repairs meant for the other.',
    byHand: ['hostname', 'hostnamectl', 'cat /etc/machine-id'],
    references: ['hostname(5)', 'machine-id(5)'],
  },
  evaluate({ hostname: own }, { cluster, host }, { evidence, everyone }) {
    const quoted = [evidence('hostname')];
    const others = hostsOf(cluster).filter((other) => !sameMachine(host, other));
    const nameOf = (other: ClusterHost): string | undefined => {
      const fact = everyone.get(other.name)?.hostname;
      return fact?.known === true ? fact.value : undefined;
    };
    const notCompared = others.filter((other) => nameOf(other) === undefined).map(({ name }) => name);
    const found = { hostname: own, declared: host.name, ...(notCompared.length === 0 ? {} : { notCompared }) };
    const twins = others.filter((other) => nameOf(other)?.toLowerCase() === own.toLowerCase());
    // Where the name is this host's by the cluster file, it is the others that must change theirs.
    const blamed = twins.filter((other) => !isNamed(host, own) || isNamed(other, own));
    const expected = `a name that no other host of the cluster has, such as ${host.name}`;
    const remedy = {
      host: host.name,
      summary: 'Give the host its own name, and a machine-id of its own if it was cloned',
      commands: [`hostnamectl set-hostname ${shellWord(host.name)}`],
      undo: [`hostnamectl set-hostname ${shellWord(own)}`],
    };
    if (blamed.length > 0) {
      const names = listed(blamed.map(({ name }) => name));
      return fail({
        reason: `${host.name} calls itself ${own}, and so does ${names}`,
        found,
        expected,
        evidence: [
          ...quoted,
          ...blamed.flatMap((other) => {
            const fact = everyone.get(other.name)?.hostname;
            return fact?.known === true ? [fact.evidence] : [];
          }),
        ],
        remedy,
      });
    }
    const owner = isNamed(host, own) ? undefined : others.find((other) => isNamed(other, own));
    if (owner !== undefined) {
      return warn({
        reason: `${host.name} calls itself ${own}, which is what the cluster file calls another host (${owner.host})`,
        found,
        expected,
        evidence: quoted,
        remedy,
      });
    }
    return pass(found, quoted);
  },
});

const firstLabel = (name: string): string => name.toLowerCase().split('.')[0] ?? '';

/** `rs1` and `rs1.example.com` are one name. */
function isNamed(host: ClusterHost, name: string): boolean {
  return firstLabel(host.name) === firstLabel(name);
}
