import { entryOf, includesAddress, sameAddress } from '../address.ts';
import { alone, placeText } from '../director-pair.ts';
import { counted, listed } from '../sentences.ts';
import { cannotTell, defineCheck, excerpt, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { CheckedService, Fact, InterfaceAddress } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

interface Trouble {
  readonly text: string;
  readonly fault: FaultId;
  readonly culprits: readonly string[];
  readonly line: { readonly path: string; readonly line: number };
}

/** A check of the RIP is no fault by itself, since keepalived has no other; it is once a VIP is missing behind it. */
export const healthChecks = defineCheck({
  id: 'ha/health-checks',
  title: 'keepalived checks every real server, and what it checks is what clients use',
  failureTitle: 'keepalived does not check a real server, or checks what clients do not use',
  sees: ['healthcheck-absent', 'healthcheck-false-positive'],
  tags: ['ha'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['addresses'],
  inapplicable: alone,
  doc: {
    why:
      'A real_server without a check stays in the table when it is dead. With DR and TUN a check of RIP and port says nothing of ' +
      'the VIP: a real server that lost it answers the check, and every connection it is given times out.',
    byHand: [
      'grep -nE "real_server|_CHECK|_GET" /etc/keepalived/keepalived.conf',
      'ip -brief addr show lo # on each real server',
    ],
    references: ['keepalived.conf(5), real_server, MISC_CHECK'],
  },
  evaluate({ keepalivedConf: conf }, { cluster, host }, { evidence, everyone }) {
    if (conf.virtualServers.length === 0) return notApplicable(`keepalived on ${host.name} has no virtual_server`);
    const servers = conf.virtualServers.flatMap(({ realServers }) => realServers);
    const found = { realServers: servers.length, checks: [...new Set(servers.flatMap(({ checks }) => checks))] };
    const troubles = conf.virtualServers.flatMap((service) => [
      ...unchecked(service),
      ...behindTheVip(service, cluster, everyone),
    ]);
    if (troubles.length > 0)
      return warn({
        reason: `${host.name}: ${troubles.map(({ text, line }) => `${text} (${placeText(line)})`).join('; ')}`,
        faults: [...new Set(troubles.map(({ fault }) => fault))],
        culprits: [...new Set(troubles.flatMap(({ culprits }) => (culprits.length > 0 ? culprits : [host.name])))],
        found,
        expected: 'a check in every real_server; with DR and TUN one that sees the VIP, such as a MISC_CHECK',
        evidence: [
          excerpt(evidence('keepalivedConf'), (text) =>
            troubles.some(({ line }) => text.startsWith(`${line.path}:${line.line}:`)),
          ),
        ],
      });
    const [doubt] = conf.unsure;
    if (doubt !== undefined)
      return cannotTell(
        `${counted(servers.length, 'real server')} of ${host.name} are checked, and there may be more: ${doubt.what} (${placeText(doubt)})`,
        [evidence('keepalivedConf')],
      );
    return pass(found, [excerpt(evidence('keepalivedConf'), /real_server|_CHECK|_GET/)]);
  },
});

function unchecked({ name, realServers }: CheckedService): readonly Trouble[] {
  const bare = realServers.filter(({ checks }) => checks.length === 0);
  const [first] = bare;
  if (first === undefined) return [];
  return [
    {
      text: `${listed(bare.map(({ address }) => address))} of virtual_server ${name} ${bare.length === 1 ? 'has' : 'have'} no check`,
      fault: 'healthcheck-absent',
      culprits: [],
      line: first,
    },
  ];
}

/** Real servers of DR and TUN that do not have the VIP, and are looked at by their RIP alone. */
function behindTheVip(
  service: CheckedService,
  { virtualServices }: Cluster,
  everyone: ReadonlyMap<string, { readonly addresses: Fact<readonly InterfaceAddress[]> }>,
): readonly Trouble[] {
  const [vip = ''] = service.name.split(' ');
  const declared = virtualServices.find((one) => one.forwarding !== 'nat' && sameAddress(one.vip, vip));
  if (declared === undefined) return [];
  return declared.destinations.flatMap(({ realServer }): readonly Trouble[] => {
    const checked = service.realServers.find(({ address }) => sameAddress(address, realServer.rip));
    const addresses = everyone.get(realServer.name)?.addresses;
    if (checked === undefined || checked.checks.length === 0 || addresses?.known !== true) return [];
    // What a script or a file looks at is not known here.
    const seesMore =
      checked.checks.some((name) => /^(MISC|FILE|BFD)_/.test(name)) || includesAddress(checked.lookedAt, vip);
    if (seesMore || entryOf(addresses.value, vip)?.up === true) return [];
    return [
      {
        text: `${listed([...new Set(checked.checks)])} looks at ${realServer.rip} and not at the VIP ${vip}, which ${realServer.name} does not have`,
        fault: 'healthcheck-false-positive',
        culprits: [realServer.name],
        line: checked,
      },
    ];
  });
}
