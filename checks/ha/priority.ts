import {
  difference,
  judgedElsewhere,
  lint,
  type Match,
  matchesOf,
  namesOf,
  placeOf,
  placeText,
  type Problem,
} from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { defineCheck } from '../../lib/model/check.ts';

export const priority = defineCheck({
  id: 'ha/priority',
  title: 'Directors have distinct priorities, and preemption is set up as it works',
  failureTitle: 'Which director is to be master is left open, or preemption is not what it reads',
  sees: ['vrrp-equal-priority', 'vrrp-preempt-flapping'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'Of equal priorities the higher address wins, and after a partition both may stay MASTER for a while. keepalived clears ' +
      '`nopreempt` where the state is MASTER: a director that comes back takes the VIP again, and connections are cut twice.',
    byHand: [
      'grep -nE "priority|state|preempt" /etc/keepalived/keepalived.conf # on each director',
      'journalctl -u keepalived | grep nopreempt',
    ],
    references: ['RFC 9568, 6.4', 'keepalived.conf(5), nopreempt'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    return lint(cluster, everyone, {
      problemsOf: (sides) => matchesOf(sides).flatMap((match) => [...equal(match), ...uselessNopreempt(match)]),
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(
              conf.instances.map((one) => [
                one.name,
                `${one.initialState} ${one.priority}${one.nopreempt ? ' nopreempt' : ''}`,
              ]),
            ),
          ]),
        ),
      expected: 'another priority on every director; with nopreempt, state BACKUP on all',
    });
  },
});

function equal(match: Match): readonly Problem[] {
  const priorities = match.members.map(({ instance }) => instance.priority);
  if (new Set(priorities).size === priorities.length) return [];
  return [
    {
      text: `${listed(namesOf(match))} have priority ${priorities[0] ?? ''} in ${match.name} (${match.members.map(({ instance }) => placeText(placeOf(instance, 'priority'))).join(', ')})`,
      faults: ['vrrp-equal-priority'],
      culprits: namesOf(match),
      lines: match.members.map(({ side, instance }) => [side, placeOf(instance, 'priority')] as const),
    },
  ];
}

function uselessNopreempt(match: Match): readonly Problem[] {
  const cleared = match.members
    .filter(({ instance }) => instance.nopreempt && instance.initialState === 'MASTER')
    .map(({ side, instance }): Problem => ({
      text: `nopreempt of ${match.name} on ${side.name} (${placeText(placeOf(instance, 'nopreempt'))}) is cleared, since its state is MASTER (${placeText(placeOf(instance, 'state'))})`,
      faults: ['vrrp-preempt-flapping'],
      culprits: [side.name],
      lines: [
        [side, placeOf(instance, 'nopreempt')],
        [side, placeOf(instance, 'state')],
      ],
    }));
  const mixed = difference(match, ({ nopreempt }) => (nopreempt ? 'nopreempt' : 'preempt'), 'nopreempt', 'preempt');
  const top = Math.max(...match.members.map(({ instance }) => instance.priority));
  const preempts = match.members.some(({ instance }) => instance.priority === top && !instance.nopreempt);
  if (cleared.length > 0 || mixed === undefined || !preempts) return cleared;
  return [
    {
      text: `the director of the highest priority preempts in ${match.name} although another says nopreempt: ${mixed.said}`,
      faults: ['vrrp-preempt-flapping'],
      culprits: namesOf(match),
      lines: mixed.lines,
    },
  ];
}
