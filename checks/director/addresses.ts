import { entryOf } from '../address.ts';
import { keepOwn } from '../lasting-edits.ts';
import { lasting } from '../lasting-places.ts';
import { bringUp } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand } from '../remedies.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * The DIP is what real servers send to: as their gateway with NAT, as the source of health checks with every method.
 * A director without it schedules connections that cannot reach anybody.
 */
export const addresses = defineCheck({
  id: 'director/addresses',
  title: 'Director has its DIP on the declared interface',
  failureTitle: 'DIP is missing from its interface, or the interface is down',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['addresses'],
  requiresOfAll: ['persistedNetwork'],
  doc: {
    why:
      'Real servers behind NAT answer through the DIP, and the director reaches them from it. When it is absent, on another ' +
      'interface or on one that is down, every connection hangs in SYN_RECV and clients time out.',
    byHand: ['ip -brief address', 'ip -brief link'],
    references: ['ip-address(8)', 'ipvsadm(8)'],
  },
  evaluate(facts, { host }, { evidence, everyone }) {
    const found = entryOf(facts.addresses, host.dip);
    const quoted = [quote(evidence('addresses'), host.dip, host.interface)];
    const persisted = persistedOf(everyone.get(host.name));
    const expected = { address: host.dip, interface: host.interface, up: true };
    const ip = ipCommand(host.dip);
    if (found === undefined) {
      return fail({
        reason: `${host.name} does not have its DIP ${host.dip} on any interface`,
        found: null,
        expected,
        evidence: quoted,
        remedy: lasting(
          {
            host: host.name,
            summary: `Give ${host.interface} the DIP ${host.dip}, with the prefix length of the real servers' network`,
            commands: [`${ip} address add ${hostPrefix(host.dip)} dev ${shellWord(host.interface)}`],
            undo: [`${ip} address del ${hostPrefix(host.dip)} dev ${shellWord(host.interface)}`],
          },
          keepOwn(persisted, host.dip, host.interface),
        ),
      });
    }
    if (!found.up) {
      return fail({
        reason: `${host.name} has its DIP ${host.dip} on ${found.interface}, which is down`,
        found,
        expected,
        evidence: quoted,
        remedy: bringUp(host.name, found.interface, persisted),
      });
    }
    if (found.interface !== host.interface) {
      return fail({
        reason: `${host.name} has its DIP ${host.dip} on ${found.interface}; the cluster file says ${host.interface}`,
        found,
        expected,
        evidence: quoted,
      });
    }
    return pass(found, quoted);
  },
});
