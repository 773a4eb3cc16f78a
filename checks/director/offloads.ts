import { keepReceiveOffloadOff } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** A packet that the card merged (LRO) cannot be taken apart again to be sent on. GRO can, and is no fault. */
export const offloads = defineCheck({
  id: 'director/offloads',
  title: "Director's network cards do not merge packets that it sends on",
  failureTitle: "Director's network card merges packets (LRO) that it has to send on",
  sees: ['nic-offload-lro'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['addresses'],
  requiresOfAll: ['offloads', 'persistedNetwork'],
  doc: {
    why:
      'Merged packets are larger than the way onward takes, and are dropped: requests with a body are slow or hang, small ones ' +
      'work. The kernel turns LRO off where it forwards, but a director of DR or TUN need not forward. Generic receive ' +
      'offload and checksum offload stay as they are: what sends packets on undoes both.',
    byHand: ['ethtool -k INTERFACE | grep -E "large-receive|generic-receive"', 'ethtool -S INTERFACE'],
    references: ['net/core/dev.c (dev_disable_lro)', 'ethtool(8)'],
  },
  evaluate({ addresses }, { host }, { evidence, everyone }) {
    const fact = everyone.get(host.name)?.offloads;
    if (fact?.known !== true) {
      const reason = `What the network cards of ${host.name} merge is not known: ${fact?.message ?? 'it was not asked'}`;
      return fact?.reason === 'tool-absent' || fact?.reason === 'unsupported'
        ? notApplicable(reason)
        : cannotTell(reason, fact?.evidence === undefined ? [] : [fact.evidence], fact?.hint);
    }
    const used = [...new Set([host.interface, host.vipInterface, ...addresses.map(({ interface: name }) => name)])];
    const cards = fact.value.filter((card) => used.includes(card.interface) && card.largeReceive !== undefined);
    if (cards.length === 0) return notApplicable(`No interface of ${host.name} says whether it merges packets`);
    const found = Object.fromEntries(cards.map((card) => [card.interface, { largeReceive: card.largeReceive }]));
    const merging = cards.filter(({ largeReceive }) => largeReceive === true).map((card) => card.interface);
    if (merging.length === 0) return pass(found, [fact.evidence]);
    return fail({
      reason: `${host.name} has large-receive-offload on for ${listed(merging)}, and packets merged there cannot be sent on`,
      found,
      expected: { largeReceive: false },
      evidence: [quote(fact.evidence, 'large-receive-offload', ...merging), quote(evidence('addresses'), ...merging)],
      remedy: lasting(
        {
          host: host.name,
          summary: 'Turn LRO off',
          commands: merging.map((name) => `ethtool -K ${shellWord(name)} lro off`),
          undo: merging.map((name) => `ethtool -K ${shellWord(name)} lro on`),
        },
        ...merging.map((name) => keepReceiveOffloadOff(persistedOf(everyone.get(host.name)), name)),
      ),
    });
  },
});
