import { entryOf } from '../address.ts';
import { keepOwn } from '../lasting-edits.ts';
import { lasting } from '../lasting-places.ts';
import { bringUp } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

export const address = defineCheck({
  id: 'real-server/address',
  title: 'Real server has its RIP on an interface that is up',
  failureTitle: 'RIP is missing, or its interface is down',
  sees: ['tun-local-address-mismatch', 'wrong-rip-or-port', 'rs-host-down'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server',
  requires: ['addresses'],
  requiresOfAll: ['persistedNetwork'],
  doc: {
    why:
      'The director sends this share of the connections to the RIP. When nobody has it, they end in "no route to host" after ' +
      'three seconds; when another host has it, that one answers in place of this.',
    byHand: ['ip -brief address', 'ip neigh # on the director'],
    references: ['ip-address(8)'],
  },
  evaluate({ addresses }, { cluster, host }, { evidence, everyone }) {
    const found = entryOf(addresses, host.rip);
    const quoted = [quote(evidence('addresses'), host.rip, ...(found === undefined ? [] : [found.interface]))];
    const persisted = persistedOf(everyone.get(host.name));
    const expected = { address: host.rip, up: true };
    if (found === undefined) {
      const has = addresses.filter(({ interface: name }) => name !== 'lo').map((entry) => entry.address);
      const own = addresses.find(({ interface: name }) => name !== 'lo')?.interface;
      const ip = ipCommand(host.rip);
      return fail({
        reason: `${host.name} does not have its RIP ${host.rip}${has.length === 0 ? '' : `; it has ${listed(has)}`}`,
        faults: cluster.virtualServices.some(
          ({ forwarding, destinations }) =>
            forwarding === 'tun' && destinations.some(({ realServer }) => realServer.name === host.name),
        )
          ? ['tun-local-address-mismatch', 'wrong-rip-or-port']
          : ['wrong-rip-or-port'],
        found: has,
        expected,
        evidence: [evidence('addresses')],
        ...(own === undefined
          ? {}
          : {
              remedy: lasting(
                {
                  host: host.name,
                  summary: `Give ${own} the RIP ${host.rip}, with the prefix length of its network, or correct the cluster file`,
                  commands: [`${ip} address add ${hostPrefix(host.rip)} dev ${shellWord(own)}`],
                  undo: [`${ip} address del ${hostPrefix(host.rip)} dev ${shellWord(own)}`],
                },
                keepOwn(persisted, host.rip, own),
              ),
            }),
      });
    }
    if (!found.up) {
      return fail({
        reason: `${host.name} has its RIP ${host.rip} on ${found.interface}, which is down`,
        faults: ['rs-host-down'],
        found,
        expected,
        evidence: quoted,
        remedy: bringUp(host.name, found.interface, persisted),
      });
    }
    return pass(found, quoted);
  },
});
