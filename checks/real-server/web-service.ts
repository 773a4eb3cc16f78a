import { endpoint } from '../address.ts';
import { clientPorts } from '../firewall-path.ts';
import { quote } from '../quotation.ts';
import { landing, takenBefore } from '../redirection.ts';
import { probeAt, probeOf, probeText, probeWords, selfName, serverEnd, takes } from '../server-end.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { Fact, HostFacts } from '../../lib/model/facts.ts';

/** A socket bound to another address than the packets carry refuses them, however well it answers on its own. */
export const webService = defineCheck({
  id: 'real-server/web-service',
  title: 'Web service listens, answers, and names its real server',
  failureTitle: 'Web service does not listen or does not answer as expected',
  sees: ['rs-service-down', 'rs-app-hang', 'rs-service-not-on-vip', 'rs-firewall-reject'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['listeners', 'httpProbes', 'routes'],
  requiresOfAll: ['addresses', 'firewall'],
  inapplicable: ({ service: { name, protocol } }) =>
    protocol === 'tcp' ? undefined : `${name} is ${protocol}, and probes are HTTP`,
  doc: {
    why:
      'With NAT a port nobody listens on shows as "connection refused" for this share of the connections and as CLOSE in the ' +
      'connection table. Answers that do not name their real server make the distribution at the client unknowable.',
    byHand: [
      'ss -Hltnp',
      'curl -sv http://RIP:PORT/',
      'curl -sv http://VIP:PORT/ # on the real server, with DR and TUN',
    ],
    references: ['ss(8)', 'net/netfilter/ipvs/ip_vs_proto_tcp.c'],
  },
  evaluate({ listeners, httpProbes, routes }, { host, service, destination }, { evidence, everyone }) {
    const end = serverEnd(service, destination);
    const at = endpoint(end.address, end.port);
    const onPort = listeners.filter(({ protocol, port }) => protocol === undefined && port === end.port);
    const listening = onPort.some((listener) => takes(listener, end.address));
    // Asked of an address that is not its own, the page is somebody else's.
    const asClient =
      service.forwarding !== 'nat' && wayTo(routes, end.address)?.outcome === 'local'
        ? probeAt(httpProbes, end.address, end.port)
        : undefined;
    const probe = asClient ?? probeOf(httpProbes, destination);
    const found = {
      listeners: onPort.map((listener) => endpoint(listener.address, listener.port)),
      answer: probe === undefined ? 'not asked' : probeText(probe),
    };
    const wanted = service.health.expectStatus;
    const expected = { listener: at, answer: `answered ${wanted}` };
    const socketLines = quote(evidence('listeners'), ...found.listeners, `:${end.port}`);
    if (!listening) {
      const port = redirectedTo(everyone.get(host.name), host.rip, end);
      // Its own request would not go through PREROUTING: that the page is there is for others to see.
      if (port !== undefined && listeners.some((one) => one.protocol === undefined && one.port === port))
        return pass({ ...found, redirect: port }, [quote(evidence('listeners'), `:${port}`)]);
      const elsewhere = found.listeners.length === 0 ? 'nothing' : `only ${found.listeners.join(', ')}`;
      return fail({
        reason: `${host.name} should listen on ${at}, and ${elsewhere} listens on port ${end.port}`,
        faults: [onPort.length > 0 && service.forwarding !== 'nat' ? 'rs-service-not-on-vip' : 'rs-service-down'],
        found,
        expected,
        evidence: [socketLines],
      });
    }
    // With DR and TUN nobody need listen on the RIP.
    if (service.forwarding !== 'nat' && asClient === undefined && probe?.outcome !== 'answered')
      return pass(found, [socketLines]);
    if (probe === undefined) {
      return cannotTell(`${host.name} listens on ${at}, and did not fetch its own page`, [evidence('httpProbes')]);
    }
    const quoted = [socketLines, quote(evidence('httpProbes'), probe.url)];
    if (probe.outcome !== 'answered' || probe.status !== wanted) {
      return fail({
        reason: `${host.name} does not get ${wanted} from itself: ${probe.url} ${probeWords(probe)}`,
        // Something listens: what refuses is no missing socket.
        faults: [probe.outcome === 'refused' ? 'rs-firewall-reject' : 'rs-app-hang'],
        found,
        expected,
        evidence: quoted,
      });
    }
    const name = selfName(probe, service.identifyBy);
    switch (name.kind) {
      case 'not-asked':
        return pass(found, quoted);
      case 'unreadable':
        return cannotTell(`identify_by of service ${service.name} cannot be used: ${name.message}`, quoted);
      case 'unnamed':
        return warn({
          reason: `${host.name} answers without naming itself, so its answers cannot be told from others`,
          faults: [],
          found: { ...found, name: null },
          expected: { ...expected, name: host.name },
          evidence: quoted,
        });
      case 'named':
        if (name.name === host.name) return pass({ ...found, name: name.name }, quoted);
        return warn({
          reason: `${host.name} calls itself ${name.name} in its answers`,
          faults: [],
          found: { ...found, name: name.name },
          expected: { ...expected, name: host.name },
          evidence: quoted,
        });
    }
  },
});

/** The port of its own to which a rule sends new connections that are for it; undefined where none does, or nobody looked. */
function redirectedTo(
  facts: Partial<{ readonly [N in 'addresses' | 'firewall']: Fact<HostFacts[N]> }> = {},
  rip: string,
  { address, port }: { readonly address: string; readonly port: number },
): number | undefined {
  const { addresses, firewall } = facts;
  if (firewall?.known !== true || addresses?.known !== true) return undefined;
  const asked = {
    protocol: 'tcp',
    destination: address,
    sourcePorts: clientPorts,
    destinationPorts: [port, port],
    state: 'new',
  } as const;
  if (takenBefore(firewall.value, asked).is !== 'yes') return undefined;
  const own = addresses.value.map((entry) => entry.address);
  const { packet, here } = landing(firewall.value, asked, { own, redirected: rip });
  return here ? packet.destinationPorts[0] : undefined;
}
