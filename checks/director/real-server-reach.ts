import { endpoint, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { counted, listed } from '../sentences.ts';
import { probeOf, probeText, probeWords } from '../server-end.ts';
import { cannotTell, defineCheck, fail, type Finding, pass, warn } from '../../lib/model/check.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { Fact, HttpProbe, Neighbour } from '../../lib/model/facts.ts';

/** The director's own GET goes around IPVS: when it works and clients hang, the way back is at fault and not the server. */
export const realServerReach = defineCheck({
  id: 'director/real-server-reach',
  title: "Director reaches every real server's service",
  failureTitle: "Director does not reach a real server's service",
  sees: [
    'rs-service-down',
    'rs-app-hang',
    'rs-firewall-drop',
    'rs-host-down',
    'wrong-rip-or-port',
    'rs-firewall-reject',
    'healthcheck-false-negative',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['httpProbes'],
  requiresOfAll: ['neighbours', 'links'],
  inapplicable: ({ service: { name, protocol } }) =>
    protocol === 'tcp' ? undefined : `${name} is ${protocol}, and probes are HTTP`,
  doc: {
    why:
      'A destination the director cannot reach takes its share of connections and fails them: refused where nothing listens, ' +
      'timed out where a filter drops, "no route to host" after three seconds where the host is down. The probe goes to the ' +
      'RIP, as those of keepalived do: with DR and TUN it cannot see what is wrong with the VIP on the real server, its ARP, ' +
      'its tunnel or its reverse-path filter, and a real server that fails every client passes. Checks of the real server see that.',
    byHand: ['curl -sv --max-time 3 http://RIP:PORT/', 'ip neigh', 'ip route get RIP'],
    references: ['ipvsadm(8)', 'ip-neighbour(8)'],
  },
  evaluate({ httpProbes }, { host, service }, { evidence, everyone }) {
    const tried = service.destinations.map((destination) => ({ destination, probe: probeOf(httpProbes, destination) }));
    const nameOf = ({ destination }: (typeof tried)[number]): string =>
      `${destination.realServer.name} (${endpoint(destination.realServer.rip, destination.port)})`;
    const unasked = tried.filter(({ probe }) => probe === undefined);
    const wanted = service.health.expectStatus;
    const wrong = tried.flatMap(({ destination, probe }) =>
      probe === undefined || (probe.outcome === 'answered' && probe.status === wanted) ? [] : [{ destination, probe }],
    );
    const found = Object.fromEntries(
      tried.map(({ destination, probe }) => [
        destination.realServer.name,
        probe === undefined ? 'not asked' : probeText(probe),
      ]),
    );
    const serving = wrong.filter(({ destination }) => destination.weight > 0);
    const telling = serving.length > 0 ? serving : wrong;
    const unanswered = everyone.get(host.name)?.neighbours;
    const silent = service.destinations.filter(({ realServer: { name, rip } }) => {
      const links = everyone.get(name)?.links;
      return isUnanswered(unanswered, rip) && links?.known === false && links.reason === 'unreachable';
    });
    // Where nobody is heard, the fault may be on the director's side.
    const isDead = (one: (typeof tried)[number]) =>
      silent.length < service.destinations.length && silent.includes(one.destination);
    const dead = telling.filter(isDead);
    const quoted = [
      quote(evidence('httpProbes'), ...telling.map(({ probe }) => probe.url)),
      ...(unanswered?.known === true && dead.length > 0
        ? [quote(unanswered.evidence, ...dead.map(({ destination }) => destination.realServer.rip))]
        : []),
    ];
    const words = (one: (typeof telling)[number]): string =>
      `${nameOf(one)} ${probeWords(one.probe)}${isDead(one) ? ', and answers neither ARP nor SSH' : ''}`;
    const finding: Finding = {
      faults: [...new Set(telling.flatMap((one) => (isDead(one) ? ['rs-host-down' as const] : faultsOf(one.probe))))],
      culprits: telling.map(({ destination }) => destination.realServer.name),
      reason: `${host.name} does not get ${wanted}: ${listed(telling.map(words))}`,
      found,
      expected: `answered ${wanted}`,
      evidence: quoted,
    };
    if (serving.length > 0) return fail(finding);
    if (unasked.length > 0) {
      return cannotTell(`${host.name} did not try ${listed(unasked.map(nameOf))}`, [evidence('httpProbes')]);
    }
    if (wrong.length > 0) {
      return warn({
        ...finding,
        reason: `${finding.reason}; ${counted(wrong.length, 'such destination')} with weight 0 takes no new connections`,
      });
    }
    return pass(found, [evidence('httpProbes')]);
  },
});

/** The director asks for its MAC, or has asked in vain. */
function isUnanswered(neighbours: Fact<readonly Neighbour[]> | undefined, rip: string): boolean {
  if (neighbours?.known !== true) return false;
  const entries = neighbours.value.filter(({ address }) => sameAddress(address, rip));
  return entries.length > 0 && entries.every(({ state }) => state === 'failed' || state === 'incomplete');
}

/**
 * Nobody answers ARP for a host that is down or has another address, and a filter that rejects says the same. One that drops
 * keeps silent, and so does a program that hangs.
 */
function faultsOf({ outcome }: HttpProbe): readonly FaultId[] {
  switch (outcome) {
    case 'refused':
      return ['rs-service-down', 'rs-firewall-reject', 'wrong-rip-or-port'];
    case 'unreachable':
      return ['rs-host-down', 'rs-firewall-reject', 'wrong-rip-or-port'];
    case 'timeout':
      return ['rs-host-down', 'rs-firewall-drop', 'rs-app-hang', 'healthcheck-false-negative'];
    case 'answered':
    case 'failed':
      return ['rs-app-hang', 'healthcheck-false-negative'];
  }
}
