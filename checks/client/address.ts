import { entryOf } from '../address.ts';
import { bringUp } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

export const address = defineCheck({
  id: 'client/address',
  title: 'Client has the address the load comes from',
  failureTitle: 'Client does not have its declared address',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client',
  requires: ['addresses'],
  requiresOfAll: ['persistedNetwork'],
  doc: {
    why:
      'Load binds to the CIP, and reply routes and packet filters are judged for it. From another address the load fails at ' +
      'once, or proves something else than was checked.',
    byHand: ['ip -brief address'],
    references: ['bind(2)', 'ip-address(8)'],
  },
  evaluate({ addresses }, { host }, { evidence, everyone }) {
    const found = entryOf(addresses, host.cip);
    const expected = { address: host.cip, up: true };
    if (found === undefined && host.pool !== undefined)
      return notApplicable(`${host.cip} is one of a pool: what ${host.name} does not have of it is added for the load`);
    if (found === undefined) {
      const has = addresses.filter(({ interface: name }) => name !== 'lo').map((entry) => entry.address);
      return fail({
        reason: `${host.name} does not have its CIP ${host.cip}${has.length === 0 ? '' : `; it has ${listed(has)}`}`,
        found: has,
        expected,
        evidence: [evidence('addresses')],
      });
    }
    const quoted = [quote(evidence('addresses'), host.cip, found.interface)];
    if (found.up) return pass(found, quoted);
    return fail({
      reason: `${host.name} has its CIP ${host.cip} on ${found.interface}, which is down`,
      found,
      expected,
      evidence: quoted,
      remedy: bringUp(host.name, found.interface, persistedOf(everyone.get(host.name))),
    });
  },
});
