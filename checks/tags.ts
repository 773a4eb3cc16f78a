/** What `ipvet checks list --tag` finds a check by. Most follow from its facts, its stage and the faults it sees. */
import type { Check, FactName } from '../lib/model/check.ts';
import { faultSections } from '../lib/model/fault-id.ts';
import { modesOf } from './fault-modes.ts';

type Tagged = Pick<Check, 'id' | 'stage' | 'sees' | 'requires' | 'requiresOfAll' | 'tags'>;

const factTags: readonly { readonly tag: string; readonly facts: readonly FactName[] }[] = [
  { tag: 'arp', facts: ['neighbours', 'vipCensus'] },
  { tag: 'capacity', facts: ['ipvsTable', 'limits'] },
  { tag: 'firewall', facts: ['firewall'] },
  { tag: 'kernel', facts: ['ipvsSupport', 'modules'] },
  { tag: 'names', facts: ['hostname', 'hostsFile', 'names'] },
  { tag: 'persistence', facts: ['persistedNetwork', 'persistedSysctl', 'savedRules', 'units'] },
  { tag: 'routing', facts: ['routes'] },
  { tag: 'rules', facts: ['ipvsRules', 'savedRules'] },
  { tag: 'selinux', facts: ['selinux', 'selinuxDenials'] },
  { tag: 'service', facts: ['httpProbes', 'listeners'] },
  { tag: 'time', facts: ['clock'] },
];

const idTags: readonly { readonly tag: string; readonly id: RegExp }[] = [
  { tag: 'arp', id: /(^|[/-])(arp|neighbours?|mac)(-|$)/ },
  { tag: 'firewall', id: /firewall/ },
  { tag: 'persistence', id: /persisten(ce|t)|boot/ },
  { tag: 'time', id: /clock|time-service/ },
];

const sectionTags: Readonly<Record<string, string>> = {
  'Capacity and load': 'capacity',
  'Scheduling, persistence, timeouts': 'scheduling',
};

/**
 * In the order of the alphabet. `nat`, `dr`, `tun`, `ipv6` and `ha` are on checks that are there because of that mode: one
 * without them judges every mode.
 */
export function tagsOf(check: Tagged): readonly string[] {
  const facts: readonly FactName[] = [...check.requires, ...(check.requiresOfAll ?? [])];
  const modes = check.sees.map((fault) => modesOf[fault]);
  const tags = [
    ...(check.tags ?? []),
    ...factTags.filter((one) => one.facts.some((fact) => facts.includes(fact))).map(({ tag }) => tag),
    ...idTags.filter(({ id }) => id.test(check.id)).map(({ tag }) => tag),
    ...faultSections
      .filter(({ faults }) => faults.some((fault) => check.sees.includes(fault)))
      .flatMap(({ title }) => sectionTags[title] ?? []),
    ...(check.stage === 'traffic' ? ['load'] : []),
    ...(modes.includes(undefined)
      ? modes.flatMap((some = []) => some.filter((mode) => mode === 'ipv6'))
      : modes.flat()),
  ];
  return [...new Set(tags.filter((tag) => tag !== undefined))].sort();
}
