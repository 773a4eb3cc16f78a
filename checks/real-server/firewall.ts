import { endpoint, entryOf } from '../address.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { acceptance } from '../firewall-remedy.ts';
import { clientPorts, type Leg, obstacle, stopText, undecidedBy } from '../firewall-path.ts';
import { serverEnd } from '../server-end.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/**
 * A request reaches the real server with the client's own address as its source: a filter that accepts the director's
 * health checks may still stop it.
 */
export const firewall = defineCheck({
  id: 'real-server/firewall',
  title: "Real server's packet filter lets the service through",
  failureTitle: "Real server's packet filter stops the service",
  sees: ['rs-firewall-drop', 'rs-firewall-reject'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['firewall', 'addresses'],
  doc: {
    why:
      'A dropped SYN leaves the connection in SYN_RECV on the director and the client times out; a rejected one shows as ' +
      '"refused" or "no route to host". Only the share of connections that goes to this real server fails.',
    byHand: ['nft list ruleset', 'iptables-save -c', 'firewall-cmd --list-all-zones'],
    references: ['nft(8)', 'iptables(8)', 'firewall-cmd(1)'],
  },
  evaluate({ firewall: rules, addresses }, { cluster, host, service, destination }, { evidence }) {
    const end = serverEnd(service, destination);
    const name = entryOf(addresses, host.rip)?.interface;
    const clients = cluster.clients.length === 0 ? [undefined] : cluster.clients.map(({ cip }) => cip);
    const legs = clients.flatMap((client): Leg[] => {
      const request = {
        protocol: service.protocol,
        ...(client === undefined ? {} : { source: client }),
        destination: end.address,
        sourcePorts: clientPorts,
        destinationPorts: [end.port, end.port],
        ...(name === undefined || service.forwarding === 'tun' ? {} : { inInterface: name }),
      } as const;
      const answer = {
        protocol: service.protocol,
        source: end.address,
        ...(client === undefined ? {} : { destination: client }),
        sourcePorts: [end.port, end.port],
        destinationPorts: clientPorts,
        ...(name === undefined ? {} : { outInterface: name }),
      } as const;
      const asked = `requests from ${client ?? 'clients'} to ${endpoint(end.address, end.port)}`;
      const answered = `answers from ${endpoint(end.address, end.port)} to ${client ?? 'clients'}`;
      return [
        { what: asked, hook: 'input', packet: { ...request, state: 'new' } },
        { what: asked, hook: 'input', packet: { ...request, state: 'established' } },
        { what: answered, hook: 'output', packet: { ...answer, state: 'established' } },
      ];
    });
    const found = { engines: rules.engines, policies: rules.policies };
    const stop = obstacle(rules, legs);
    if (stop === undefined) return pass(found, [policyEvidence(evidence('firewall'))]);
    const { leg, fate } = stop;
    if (fate.kind === 'undecided') {
      return cannotTell(
        `Whether ${host.name} lets ${leg.what} through depends on ${undecidedBy(leg.hook, fate.rules)}`,
        ruleEvidence(evidence('firewall'), fate.rules),
        'Look at the rule, and drive load to see what it does',
      );
    }
    const remedy = acceptance(host.name, rules, { leg, stop: fate });
    return fail({
      reason: `${host.name} stops ${leg.what} in ${leg.hook.toUpperCase()} at ${stopText(leg.hook, fate)}`,
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: 'requests and answers of the service are accepted',
      evidence: stopEvidence(evidence('firewall'), leg.hook, fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});
