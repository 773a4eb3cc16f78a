import { keepGateway } from '../lasting-network.ts';
import { dynamicFile, hasGateway, lineNaming } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';

/** Link-local next hops come from router advertisements, anew at every boot. */
const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

/**
 * The next hops that the kernel chooses now, for clients and real servers, against those in files. Which destination a
 * file has them for is not compared: that it knows the neighbour at all is what a route typed by hand lacks.
 */
export const gatewayPersistence = defineCheck({
  id: 'network/gateway-persistence',
  title: 'Gateways the host relies on come back after a reboot',
  failureTitle: 'A gateway the host relies on is gone after the next reboot',
  sees: [],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['routes', 'persistedNetwork'],
  inapplicable: ({ host }) => (host.role === 'client' ? `${host.name} only sends load` : undefined),
  doc: {
    why:
      'A real server of NAT whose default route was turned to the director by hand answers past it after the next boot; one ' +
      'without any gateway answers nobody outside its own network. Connections hang in SYN_RECV.',
    byHand: [
      'ip route',
      'ip route get CIP',
      'grep -r gateway /etc/network/interfaces*',
      'nmcli -g ipv4.gateway connection show PROFILE',
    ],
    references: ['interfaces(5)', 'nm-settings-keyfile(5)', 'systemd.network(5)', 'netplan(5)'],
  },
  evaluate({ routes, persistedNetwork }, { cluster, host }, { evidence }) {
    const ways = routes.flatMap(({ outcome, gateway, interface: name, redirected }) =>
      outcome === 'unicast' && gateway !== undefined && redirected !== true && !isLinkLocal(gateway)
        ? [{ gateway, name }]
        : [],
    );
    const used = [...new Map(ways.map((way) => [way.gateway, way])).values()];
    if (used.length === 0) return notApplicable(`${host.name} reaches everybody it has to without a gateway`);
    const quoted = [
      quote(evidence('routes'), ...used.map(({ gateway }) => gateway)),
      quote(evidence('persistedNetwork'), ...used.map(({ gateway }) => gateway)),
    ];
    const judged = used.map(({ gateway, name }) => {
      if (hasGateway(persistedNetwork, gateway)) {
        const file = persistedNetwork.gateways.find(({ address }) => address === gateway)?.file;
        return { gateway, state: 'kept', where: file ?? 'a file' };
      }
      const dynamic = dynamicFile(persistedNetwork, name);
      if (dynamic !== undefined) return { gateway, state: 'kept', where: `${dynamic} (given by DHCP or the like)` };
      const line = lineNaming(persistedNetwork, gateway);
      if (line !== undefined) return { gateway, state: 'perhaps', where: line.file };
      const blind = (persistedNetwork.unread ?? []).length > 0 || persistedNetwork.files.length === 0;
      return { gateway, state: blind ? 'unknown' : 'lost', where: null };
    });
    const found = Object.fromEntries(judged.map(({ gateway, where }) => [gateway, where]));
    const of = (state: string) => judged.filter((one) => one.state === state).map(({ gateway }) => gateway);
    const [lost, perhaps, unknown] = [of('lost'), of('perhaps'), of('unknown')];
    if (lost.length + perhaps.length + unknown.length === 0) return pass(found, quoted);
    if (lost.length === 0 && unknown.length > 0) {
      const unread = persistedNetwork.unread ?? [];
      return cannotTell(
        unread.length > 0
          ? `${host.name} sends through ${listed(unknown)}, which is in no file that could be read, and ${listed(unread)} could not`
          : `${host.name} has no network configuration that is known here, so whether its gateway ${listed(unknown)} comes back is not known`,
        quoted,
        'Look by hand, as root, at what brings its interfaces up',
      );
    }
    const first = used.find(({ gateway }) => lost.includes(gateway));
    const others = [...new Set(persistedNetwork.gateways.map(({ address }) => address))];
    // Where the files have another one, it is that of now that may be wrong.
    const isRight = others.length === 0 || cluster.directors.some(({ dip }) => dip === first?.gateway);
    const kept = first === undefined || !isRight ? undefined : keepGateway(persistedNetwork, first.gateway, first.name);
    const finding = {
      found,
      expected: Object.fromEntries(judged.map(({ gateway }) => [gateway, 'in a file that a boot reads'])),
      evidence: quoted,
    };
    if (lost.length === 0)
      return warn({
        ...finding,
        reason: `${host.name} sends through ${listed(perhaps)}, which only a line names that may or may not be run at boot`,
      });
    return fail({
      ...finding,
      ...(kept === undefined || 'byHand' in kept
        ? {}
        : {
            remedy: {
              host: host.name,
              summary: `Have ${host.name} send through ${lost[0] ?? ''} after every boot`,
              ...kept,
            },
          }),
      reason: `${host.name} sends through ${listed(lost)} now, and ${
        others.length === 0 ? 'no file has a gateway' : `the files have ${listed(others)} only`
      }, so its answers take another way after the next reboot`,
    });
  },
});
