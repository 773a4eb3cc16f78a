import { endpoint, entryOf } from '../address.ts';
import { policyEvidence, ruleEvidence, stopEvidence } from '../firewall-evidence.ts';
import { clientPorts, type Leg, obstacle, type Packet, stopText, undecidedBy, verbOf } from '../firewall-path.ts';
import { acceptance } from '../firewall-remedy.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** The one place of a client's own where answers may be lost; reading it takes root, which ipvet does not need on a client. */
export const firewall = defineCheck({
  id: 'client/firewall',
  title: "Client's packet filter lets the answers in",
  failureTitle: "Client's packet filter stops the service",
  sees: ['client-firewall'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'client-service',
  requires: ['addresses'],
  requiresOfAll: ['firewall'],
  doc: {
    why:
      'A client that drops SYN-ACKs times out while every other one is served; entries of its address stay in SYN_RECV on ' +
      'the director though the real servers answered.',
    byHand: ['nft list ruleset', 'iptables-save -c'],
    references: ['nft(8)', 'iptables(8)'],
  },
  evaluate({ addresses }, { host, service }, { everyone }) {
    const fact = everyone.get(host.name)?.firewall;
    if (fact?.known !== true) {
      const why = fact === undefined ? '' : `: ${fact.message}`;
      return notApplicable(`The packet filter of ${host.name} is not known${why}`);
    }
    const { value: rules, evidence } = fact;
    const { protocol, vip, port } = service;
    const name = entryOf(addresses, host.cip)?.interface ?? host.interface;
    const flags = (...set: readonly string[]) => (protocol === 'tcp' ? { flags: set } : {});
    const request: Packet = {
      protocol,
      source: host.cip,
      destination: vip,
      sourcePorts: clientPorts,
      destinationPorts: [port, port],
      ...(name === undefined ? {} : { outInterface: name }),
      destinationType: 'unicast',
      state: 'new',
      ...flags('syn'),
    };
    const answer: Packet = {
      protocol,
      source: vip,
      destination: host.cip,
      sourcePorts: [port, port],
      destinationPorts: clientPorts,
      ...(name === undefined ? {} : { inInterface: name }),
      state: 'established',
      wayBack: true,
      ...flags('syn', 'ack'),
    };
    const legs: readonly Leg[] = [
      { what: `requests to ${endpoint(vip, port)}`, hook: 'output', packet: request },
      { what: `answers from ${endpoint(vip, port)}`, hook: 'input', packet: answer },
    ];
    const found = { engines: rules.engines, policies: rules.policies };
    const stop = obstacle(rules, legs);
    if (stop === undefined) return pass(found, [policyEvidence(evidence)]);
    const { leg, fate } = stop;
    if (fate.kind === 'undecided') {
      return cannotTell(
        `Whether ${host.name} lets ${leg.what} through depends on ${undecidedBy(leg.hook, fate.rules)}`,
        ruleEvidence(evidence, fate.rules),
        'Drive load from the client to see what it does',
      );
    }
    const remedy = acceptance(host.name, rules, { leg, stop: fate });
    return fail({
      reason: `${host.name} ${verbOf(fate)} ${leg.what} in ${leg.hook.toUpperCase()} at ${stopText(leg.hook, fate)}`,
      found: { ...found, stoppedBy: fate.rule?.text ?? `policy ${fate.verdict}` },
      expected: 'requests to the service and its answers are accepted',
      evidence: stopEvidence(evidence, leg.hook, fate),
      ...(remedy === undefined ? {} : { remedy }),
    });
  },
});
