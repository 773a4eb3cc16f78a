import { judgedElsewhere, placeText, sidesOf, type Side } from '../director-pair.ts';
import { entryOf } from '../address.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { ConnectionSync, Fact, InterfaceAddress } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

interface Director {
  readonly name: string;
  readonly sync: ConnectionSync;
  /** Whether it has the VIP. */
  readonly active: boolean;
}

export const syncDaemon = defineCheck({
  id: 'ha/sync-daemon',
  title: 'The active director sends its connections, the others take them, by one id',
  failureTitle: 'Connections are not copied to the other director',
  sees: ['sync-daemon-missing', 'sync-id-mismatch', 'sync-direction-wrong', 'sync-transport-blocked'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['connectionSync', 'addresses', 'keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'The new master does not know the connections of the old one and resets them, unless the kernel copied them: by a master ' +
      'daemon on the active director and a backup daemon on the others, with one id on one network.',
    byHand: ['ipvsadm -Ln --daemon # on each director', 'grep -n lvs_sync_daemon /etc/keepalived/keepalived.conf'],
    references: [
      'ipvsadm(8), --start-daemon',
      'keepalived.conf(5), lvs_sync_daemon',
      'net/netfilter/ipvs/ip_vs_sync.c',
    ],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const directors: Director[] = [];
    const evidence = cluster.directors.flatMap(({ name }) => {
      const fact = everyone.get(name)?.connectionSync;
      return fact?.known === true ? [fact.evidence] : [];
    });
    for (const { name } of cluster.directors) {
      const facts = everyone.get(name);
      if (facts?.connectionSync.known !== true)
        return cannotTell(
          `Which sync daemons run on ${name} is not known: ${facts?.connectionSync.message ?? 'it was not asked'}`,
          evidence,
          facts?.connectionSync.hint,
        );
      directors.push({ name, sync: facts.connectionSync.value, active: holdsVip(cluster, facts.addresses) });
    }
    const sides = sidesOf(cluster, everyone);
    const configured = 'outcome' in sides ? [] : sides;
    const found = Object.fromEntries(
      directors.map(({ name, sync, active }) => [
        name,
        `${active ? 'active' : 'standby'}, ${listed(sync.daemons.map(({ role, interface: on, id }) => `${role} on ${on}, id ${id}`)) || 'no daemon'}`,
      ]),
    );
    if (directors.filter(({ active }) => active).length !== 1)
      return notApplicable('Not exactly one director has the VIP, and ha/vip-holder judges that');
    const problem =
      missing(directors, configured) ??
      wrongRole(directors) ??
      differingIds(directors) ??
      differingInterfaces(directors, configured);
    if (problem === undefined) return pass(found, evidence);
    return warn({
      reason: problem.text,
      faults: [problem.fault],
      culprits: problem.culprits,
      found,
      expected: 'a master daemon on the active director, a backup daemon on the others, with one id',
      evidence,
    });
  },
});

interface Trouble {
  readonly text: string;
  readonly fault: FaultId;
  readonly culprits: readonly string[];
}

function holdsVip({ virtualServices }: Cluster, fact: Fact<readonly InterfaceAddress[]>): boolean {
  return (
    fact.known && virtualServices.some(({ vip }) => !/^(lo|dummy\d*)?$/.test(entryOf(fact.value, vip)?.interface ?? ''))
  );
}

function missing(directors: readonly Director[], sides: readonly Side[]): Trouble | undefined {
  const without = directors.filter(({ sync }) => sync.daemons.length === 0).map(({ name }) => name);
  if (without.length === 0) return undefined;
  const said = sides.filter(({ name, conf }) => without.includes(name) && conf.lvsSync !== undefined);
  const but = said.map(
    ({ name, conf }) => `${name} has lvs_sync_daemon (${conf.lvsSync === undefined ? '' : placeText(conf.lvsSync)})`,
  );
  return {
    text: `No sync daemon runs on ${listed(without)}${but.length === 0 ? '' : `, although ${listed(but)}`}: a failover resets every connection`,
    fault: 'sync-daemon-missing',
    culprits: without,
  };
}

function wrongRole(directors: readonly Director[]): Trouble | undefined {
  const wrong = directors.filter(
    ({ sync, active }) => !sync.daemons.some(({ role }) => role === (active ? 'master' : 'backup')),
  );
  if (wrong.length === 0) return undefined;
  const texts = wrong.map(({ name, active }) => `${name}, which is ${active ? 'active, takes' : 'standby, sends'}`);
  return {
    text: `${listed(texts)} connections and does not ${wrong[0]?.active === true ? 'send' : 'take'} any`,
    fault: 'sync-direction-wrong',
    culprits: wrong.map(({ name }) => name),
  };
}

/** 0 takes any id (ip_vs_process_message); what is sent with it is taken by those of 0 only. */
function differingIds(directors: readonly Director[]): Trouble | undefined {
  const active = directors.find((one) => one.active);
  const sent = active?.sync.daemons.find(({ role }) => role === 'master')?.id;
  const wrong = directors.filter(
    (one) => one !== active && !one.sync.daemons.some(({ role, id }) => role === 'backup' && (id === sent || id === 0)),
  );
  if (sent === undefined || wrong.length === 0) return undefined;
  const ids = wrong.map(
    ({ name, sync }) => `${name} takes ${sync.daemons.find(({ role }) => role === 'backup')?.id ?? 'none'}`,
  );
  return {
    text: `${active?.name ?? ''} sends its connections with id ${sent}, and ${listed(ids)}: they are thrown away`,
    fault: 'sync-id-mismatch',
    culprits: [active?.name ?? '', ...wrong.map(({ name }) => name)],
  };
}

/** Where all directors name the interface of VRRP alike, so should the sync; names alone prove nothing elsewhere. */
function differingInterfaces(directors: readonly Director[], sides: readonly Side[]): Trouble | undefined {
  const vrrp = new Set(sides.flatMap(({ conf }) => conf.instances.map(({ interface: on }) => on)));
  const used = directors.map(({ name, active, sync }) => ({
    name,
    on: sync.daemons.find(({ role }) => role === (active ? 'master' : 'backup'))?.interface ?? '',
  }));
  if (new Set(used.map(({ on }) => on)).size < 2 || !used.every(({ on }) => vrrp.has(on))) return undefined;
  return {
    text: `The sync daemons are on different networks: ${listed(used.map(({ name, on }) => `${name} on ${on}`))}`,
    fault: 'sync-transport-blocked',
    culprits: used.map(({ name }) => name),
  };
}
