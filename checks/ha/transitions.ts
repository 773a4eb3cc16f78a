import { alone } from '../director-pair.ts';
import { counted, listed, spoken } from '../sentences.ts';
import { defineCheck, excerpt, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { KeepalivedJournal } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

const hourS = 3600;
/** A drill of every kind makes fewer; a script that flaps makes more in a minute. */
const mostAnHour = 20;

export const transitions = defineCheck({
  id: 'ha/transitions',
  title: 'VRRP states stand still, and none is FAULT',
  failureTitle: 'VRRP states change all the time, or are FAULT',
  sees: ['vrrp-preempt-flapping', 'vrrp-fault-by-track', 'vrrp-wrong-interface'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedJournal'],
  requiresOfAll: ['keepalivedJournal'],
  inapplicable: alone,
  doc: {
    why:
      'A director in FAULT does not take over. Where a script or an interface that is tracked comes and goes, or a director that ' +
      'recovers preempts again and again, the VIP moves with it, and every move resets connections.',
    byHand: ['journalctl -b -u keepalived | grep -E "Entering|Script"'],
    references: ['keepalived.conf(5), track_script, track_interface, preempt_delay'],
  },
  evaluate({ keepalivedJournal: journal }, { cluster, host }, { evidence, everyone }) {
    if (journal.sinceS === undefined) return notApplicable(`keepalived on ${host.name} said nothing since boot`);
    const problems = [...faultStates(journal), ...flapping(journal)];
    const last = Object.fromEntries(journal.transitions.map(({ instance, state }) => [instance, state]));
    const recent = journal.transitions.filter(({ agoS }) => agoS <= hourS).length;
    const found = { states: last, transitionsInAnHour: recent };
    const quoted = [excerpt(evidence('keepalivedJournal'), /Entering|[Ss]cript|interface/)];
    if (problems.length === 0) return pass(found, quoted);
    // Where it is the other one that comes and goes, this one follows.
    const unsteady = cluster.directors
      .map(({ name }) => name)
      .filter((name) => {
        const said = everyone.get(name)?.keepalivedJournal;
        return said?.known === true && said.value.transitions.some(isRecentFault);
      });
    const follows = problems.every(({ fault }) => fault === 'vrrp-preempt-flapping') && unsteady.length > 0;
    return fail({
      reason: `${host.name}: ${problems.map(({ text }) => text).join('; ')}`,
      faults: [...new Set(problems.map(({ fault }) => fault))],
      ...(follows ? { culprits: unsteady } : {}),
      found,
      expected: `MASTER or BACKUP, and no more than ${mostAnHour} changes in an hour`,
      evidence: quoted,
    });
  },
});

const isRecentFault = ({ state, agoS }: KeepalivedJournal['transitions'][number]): boolean =>
  state === 'FAULT' && agoS <= hourS;

interface Trouble {
  readonly text: string;
  readonly fault: FaultId;
}

/** keepalived 2.2 enters FAULT at its start without a word: what it does say is that a script failed. */
function faultStates({ transitions: all, complaints }: KeepalivedJournal): readonly Trouble[] {
  const instances = [...new Set(all.map(({ instance }) => instance))];
  const faulty = instances.filter((name) => all.findLast(({ instance }) => instance === name)?.state === 'FAULT');
  const missing = complaints.filter(({ kind }) => kind === 'interface');
  const scripts = complaints.filter(({ kind }) => kind === 'script');
  return [
    ...(faulty.length > 0
      ? [
          {
            text: `${listed(faulty)} ${faulty.length === 1 ? 'is' : 'are'} in state FAULT`,
            fault: missing.length > 0 ? ('vrrp-wrong-interface' as const) : ('vrrp-fault-by-track' as const),
          },
        ]
      : []),
    ...(missing[0] === undefined ? [] : [{ text: missing[0].text, fault: 'vrrp-wrong-interface' as const }]),
    ...(scripts[0] === undefined ? [] : [{ text: scripts[0].text, fault: 'vrrp-fault-by-track' as const }]),
  ];
}

function flapping({ transitions: all, sinceS = 0 }: KeepalivedJournal): readonly Trouble[] {
  const instances = [...new Set(all.map(({ instance }) => instance))];
  return instances.flatMap((name) => {
    const recent = all.filter(({ instance, agoS }) => instance === name && agoS <= hourS);
    if (recent.length <= mostAnHour) return [];
    const within = spoken(Math.min(sinceS, hourS) * 1000);
    return [
      {
        text: `${name} changed its state ${counted(recent.length, 'time')} within ${within}`,
        fault: 'vrrp-preempt-flapping' as const,
      },
    ];
  });
}
