/** What each drill does to whom, what takes it back, and what the configuration lets expect. Pure. */
import type { UndoStep } from '../../changes/undo-step.ts';
import { IpvetError } from '../../errors.ts';
import { onNothing, onReturn, onSilence, onSilentRealServer, onStop } from '../../failover/prediction.ts';
import type { Cluster, VirtualService } from '../../model/cluster.ts';
import type { CheckSettings, Prediction, ScenarioName, VrrpSettings } from '../../model/failover.ts';
import {
  advertsDropped,
  dropAdverts,
  freezeKeepalived,
  hearAdverts,
  killKeepalived,
  reloadKeepalived,
  type RootCommand,
  silences,
  startKeepalived,
  stopKeepalived,
  thawKeepalived,
} from '../../privileges/index.ts';
import { quoteArgv } from '../../ssh/quote.ts';

export interface DrillStep {
  readonly host: string;
  readonly what: string;
  readonly command: RootCommand;
  readonly undo: UndoStep;
  /** As an operator would take it back. */
  readonly undoText: string;
}

export interface DrillPlan {
  readonly steps: readonly DrillStep[];
  /** What shows that the cluster has noticed: another director has the VIP, its table is another, or nothing has to. */
  readonly reaction: 'owner' | 'table' | 'none';
  readonly predicted: Prediction | undefined;
  readonly predictedBack: Prediction | undefined;
}

/** What the drill finds: who has the VIP, and what keepalived.conf says where it could be read. */
export interface DrillScene {
  readonly cluster: Cluster;
  readonly service: VirtualService;
  readonly owner: string;
  readonly vrrp: ReadonlyMap<string, VrrpSettings>;
  /** Of a real server, by `ADDRESS PORT`. */
  readonly checks: ReadonlyMap<string, CheckSettings>;
}

/** Throws USAGE where the cluster has nothing to do it to. */
export function drillPlan(scenario: ScenarioName, scene: DrillScene): DrillPlan {
  const { owner, vrrp } = scene;
  const backup = backupOf(scene);
  const [own, other] = [vrrp.get(owner), vrrp.get(backup)];
  const back = own === undefined ? undefined : onReturn(own);
  switch (scenario) {
    case 'stop-keepalived':
      return {
        steps: [keepalivedStep(owner, 'stop keepalived', stopKeepalived)],
        reaction: 'owner',
        predicted: other === undefined ? undefined : onStop(other),
        predictedBack: back,
      };
    case 'kill-keepalived':
      return {
        steps: [
          keepalivedStep(owner, 'freeze keepalived (SIGSTOP)', freezeKeepalived),
          keepalivedStep(owner, 'kill keepalived (SIGKILL)', killKeepalived),
        ],
        reaction: 'owner',
        predicted: other === undefined ? undefined : onSilence(other, { vipStays: true }),
        predictedBack: back,
      };
    case 'vrrp-partition':
      return {
        steps: [partitionStep(backup)],
        reaction: 'owner',
        predicted: other === undefined ? undefined : onSilence(other, { vipStays: true }),
        predictedBack: onNothing('the director of lower priority gives the VIP up when it hears the other again'),
      };
    case 'keepalived-reload':
      return {
        steps: [keepalivedStep(owner, 'reload keepalived', reloadKeepalived)],
        reaction: 'none',
        predicted: onNothing('a reload keeps VIP and rules'),
        predictedBack: onNothing('there is nothing to take back'),
      };
    case 'real-server-down':
      return silenceOf(scene, scene.service.destinations.slice(0, 1));
    case 'all-real-servers-down':
      return silenceOf(scene, scene.service.destinations);
  }
}

/** Hosts a scenario may do something to, whoever has the VIP then. */
export function hostsOfScenario(
  scenario: ScenarioName,
  { directors }: Pick<Cluster, 'directors'>,
  { destinations }: VirtualService,
): readonly string[] {
  const servers = destinations.map(({ realServer }) => realServer.name);
  if (scenario === 'real-server-down') return servers.slice(0, 1);
  if (scenario === 'all-real-servers-down') return [...new Set(servers)];
  return directors.map(({ name }) => name);
}

function backupOf({ cluster, owner }: DrillScene): string {
  const backup = cluster.directors.find(({ name }) => name !== owner);
  if (backup !== undefined) return backup.name;
  throw new IpvetError('USAGE', `${cluster.name} has one director, and nobody to take over from it`);
}

function keepalivedStep(host: string, what: string, command: RootCommand): DrillStep {
  return {
    host,
    what,
    command,
    undo: {
      host,
      what: 'keepalived runs',
      script: [
        ...(command === freezeKeepalived ? [`root ${quoteArgv(thawKeepalived.argv)} 2>/dev/null || :`] : []),
        `root ${quoteArgv(startKeepalived.argv)} || :`,
        'systemctl is-active --quiet keepalived',
      ].join('\n'),
    },
    undoText: startKeepalived.argv.join(' '),
  };
}

function partitionStep(host: string): DrillStep {
  return {
    host,
    what: 'drop VRRP adverts (protocol 112)',
    command: dropAdverts,
    undo: {
      host,
      what: 'VRRP adverts are heard',
      script: [
        `root ${quoteArgv(hearAdverts.argv)} 2>/dev/null || :`,
        `! root ${quoteArgv(advertsDropped.argv)} 2>/dev/null`,
      ].join('\n'),
    },
    undoText: hearAdverts.argv.join(' '),
  };
}

function silenceOf(scene: DrillScene, destinations: VirtualService['destinations']): DrillPlan {
  const { cluster, service, checks } = scene;
  const [first] = destinations;
  const check = first === undefined ? undefined : checks.get(`${first.realServer.rip} ${first.port}`);
  const steps = destinations.flatMap(({ realServer, port }) =>
    silences(cluster, realServer)
      .filter(({ drop }) => drop.argv.includes(service.protocol) && drop.argv.includes(String(port)))
      .map(({ drop, answer, dropped }) => ({
        host: realServer.name,
        what: `be silent on ${service.protocol} port ${port}`,
        command: drop,
        undo: {
          host: realServer.name,
          what: `${service.protocol} port ${port} answers`,
          script: [
            `root ${quoteArgv(answer.argv)} 2>/dev/null || :`,
            `! root ${quoteArgv(dropped.argv)} 2>/dev/null`,
          ].join('\n'),
        },
        undoText: answer.argv.join(' '),
      })),
  );
  return {
    steps,
    reaction: 'table',
    predicted: check === undefined ? undefined : onSilentRealServer(check),
    predictedBack: onNothing('a real server that answers is put back by its next check'),
  };
}
