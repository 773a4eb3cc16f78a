import { alone, counterpartOf } from '../director-pair.ts';
import { agree, type DroppedAdvert, droppedOf, faultOf } from '../dropped-adverts.ts';
import { listed } from '../sentences.ts';
import { defineCheck, excerpt, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { Fact, KeepalivedConf } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

/** What the configurations cannot tell: whether keepalived runs with them, and who else is on the wire. */
export const advertsTaken = defineCheck({
  id: 'ha/adverts-taken',
  title: 'keepalived takes every advert it hears',
  failureTitle: 'keepalived hears adverts it does not take',
  sees: [
    'vrrp-vrid-mismatch',
    'vrrp-vrid-collision',
    'vrrp-auth-mismatch',
    'vrrp-advert-int-mismatch',
    'vrrp-vip-list-mismatch',
  ],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedJournal'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: alone,
  doc: {
    why:
      'A dropped advert says that the other director is set up otherwise, that one of them was not reloaded since, or that ' +
      'another cluster on the same network uses the virtual_router_id: both sides become MASTER, or never do.',
    byHand: [
      'journalctl -u keepalived --since -2min | grep -E "passwd|mismatch|wrong version|ip number count|not present in MASTER"',
      'tcpdump -ni DEV vrrp # who sends what',
    ],
    references: ['RFC 9568, 7.1', 'keepalived.conf(5), virtual_router_id'],
  },
  evaluate({ keepalivedJournal: journal }, { cluster, host }, { evidence, everyone }) {
    if (journal.sinceS === undefined) return notApplicable(`keepalived on ${host.name} said nothing since boot`);
    const dropped = droppedOf(journal.complaints);
    const found = Object.fromEntries(dropped.map(({ text, count, agoS }) => [text, { count, agoS }]));
    if (dropped.length === 0) return pass({ dropped: 0 }, [excerpt(evidence('keepalivedJournal'), /Entering/)]);
    const judged = dropped.map((one) => ({ one, ...reasonFor(one, cluster, host.name, everyone) }));
    return fail({
      reason: judged
        .map(
          ({ one, because }) =>
            `${host.name} said "${one.text}"${one.count > 1 ? `, ${one.count} times` : ''}: ${because}`,
        )
        .join('; '),
      faults: [...new Set(judged.map(({ fault }) => fault))],
      found,
      expected: 'every advert is taken',
      evidence: [excerpt(evidence('keepalivedJournal'), (line) => dropped.some(({ text }) => line.endsWith(text)))],
    });
  },
});

/** Directors that agree in what is complained of do not complain of each other. */
function reasonFor(
  { kind, instance }: DroppedAdvert,
  { directors }: Cluster,
  host: string,
  everyone: ReadonlyMap<string, { readonly keepalivedConf: Fact<KeepalivedConf> }>,
): { readonly because: string; readonly fault: FaultId } {
  const fault = faultOf[kind];
  const instances = directors.map(({ name }) => {
    const fact = everyone.get(name)?.keepalivedConf;
    return {
      name,
      instances: fact?.known === true && fact.value.unsure.length === 0 ? fact.value.instances : undefined,
    };
  });
  const own = instances.find(({ name }) => name === host)?.instances?.find(({ name }) => name === instance);
  const others = instances.filter(({ name }) => name !== host);
  if (own === undefined || others.some((other) => other.instances === undefined))
    return { because: 'another director, or another cluster, is set up otherwise', fault };
  const differing = others.filter((other) => {
    const theirs = counterpartOf(own, other.instances ?? []);
    return theirs !== undefined && !agree(kind, own, theirs);
  });
  if (differing.length > 0)
    return { because: `${listed(differing.map(({ name }) => name))} is set up otherwise`, fault };
  return {
    because: `the configurations of the directors agree in that, so another cluster uses virtual_router_id ${own.vrid ?? ''} there, or a director was not reloaded`,
    fault: 'vrrp-vrid-collision',
  };
}
