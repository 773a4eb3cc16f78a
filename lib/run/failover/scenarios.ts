/** What each drill does to whom, what takes it back, and what the configuration lets expect. Pure. */
import { IpvetError } from '../../errors.ts';
import { onDrain, onNothing, onReturnTo, onSilence, onSilentRealServer, onStop } from '../../failover/prediction.ts';
import type { Cluster, Director, VirtualService } from '../../model/cluster.ts';
import type { IpvsRules } from '../../model/facts.ts';
import type { CheckSettings, Prediction, ScenarioName, VrrpSettings } from '../../model/failover.ts';
import {
  freezeKeepalived,
  killKeepalived,
  reloadKeepalived,
  startKeepalived,
  stopKeepalived,
} from '../../privileges/index.ts';
import { linkDownS, linkStep } from './link-step.ts';
import { pace } from './pace.ts';
import {
  type DrillStep,
  drainStep,
  keepalivedStep,
  liveDestination,
  partitionStep,
  powerStep,
  silenceSteps,
} from './steps.ts';

export interface DrillPlan {
  /** Done first, and not measured: what the drill begins with. */
  readonly before?: readonly DrillStep[];
  readonly steps: readonly DrillStep[];
  /**
   * What shows that the cluster has noticed: another director has the VIP, the one that had it has it again, its table is
   * another, or nothing has to.
   */
  readonly reaction: 'owner' | 'return' | 'table' | 'none';
  readonly predicted: Prediction | undefined;
  readonly predictedBack: Prediction | undefined;
  /** Where the VIP stays with whoever has it then, by the configuration. */
  readonly stays?: true;
  /** The host takes it back by itself, so long after it was begun; ms. */
  readonly endsAfterMs?: number;
  /** The director that has to boot before the cluster can be as it was. */
  readonly boots?: string;
  /** The real server that is to get no new connections, and those it has are to go on. */
  readonly drained?: string;
}

/** Why a drill cannot be made on this cluster, one clause. */
export interface Obstacle {
  readonly obstacle: string;
}

/** What the drill finds: who has the VIP, and what keepalived.conf says where it could be read. */
export interface DrillScene {
  readonly cluster: Cluster;
  readonly service: VirtualService;
  readonly owner: string;
  readonly vrrp: ReadonlyMap<string, VrrpSettings>;
  /** Of a real server, by `ADDRESS PORT`. */
  readonly checks: ReadonlyMap<string, CheckSettings>;
  /** Of the directors, where the drill is about them. */
  readonly rules?: ReadonlyMap<string, IpvsRules>;
  /** Addresses that the owner would lose with its link. */
  readonly lostWithLink?: readonly string[];
}

/** Throws USAGE where the cluster has nothing to do it to. */
export function drillPlan(scenario: ScenarioName, scene: DrillScene): DrillPlan | Obstacle {
  const { owner, vrrp } = scene;
  const backup = backupOf(scene);
  const [own, other] = [vrrp.get(owner), vrrp.get(backup)];
  const back = own === undefined || other === undefined ? undefined : onReturnTo(own, other);
  const stays = back?.reaction.maxMs === 0 ? ({ stays: true } as const) : {};
  switch (scenario) {
    case 'stop-keepalived':
      return {
        steps: [keepalivedStep(owner, 'stop keepalived', stopKeepalived)],
        reaction: 'owner',
        predicted: other === undefined ? undefined : onStop(other),
        predictedBack: back,
        ...stays,
      };
    case 'failback':
      if ((back?.reaction.maxMs ?? 0) > pace.notice)
        return {
          obstacle: `by preempt_delay ${owner} takes the VIP back after more than the ${pace.notice / 1000} s that a drill waits`,
        };
      return {
        before: [keepalivedStep(owner, 'stop keepalived', stopKeepalived)],
        steps: [keepalivedStep(owner, 'start keepalived', startKeepalived)],
        reaction: stays.stays === undefined ? 'return' : 'none',
        predicted: back,
        predictedBack: onNothing('there is nothing to take back'),
        ...stays,
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
        ...stays,
      };
    case 'director-link-down':
      return linkDownOf(scene, { other, back });
    case 'director-power-off':
      return powerOffOf(scene, { other, back });
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
    case 'real-server-drained':
      return drainOf(scene);
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

interface Peers {
  /** Of the director that is to take over. */
  readonly other: VrrpSettings | undefined;
  readonly back: Prediction | undefined;
}

const wholeSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;

function linkDownOf({ cluster, owner, lostWithLink = [] }: DrillScene, { other, back }: Peers): DrillPlan | Obstacle {
  const director = directorNamed(cluster, owner);
  const predicted = other === undefined ? undefined : onSilence(other, { vipStays: false });
  const endsAfterMs = linkDownS * 1000;
  if (lostWithLink.length > 0)
    return {
      obstacle: `${owner} would lose ${lostWithLink.join(', ')} with ${director.vipInterface}, and IPv6 addresses do not come back with a link`,
    };
  if (predicted !== undefined && predicted.reaction.maxMs > endsAfterMs - 2000)
    return {
      obstacle: `by the configuration nobody takes over for ${wholeSeconds(predicted.reaction.maxMs)}, and the link is down for no more than ${linkDownS} s`,
    };
  return {
    steps: [linkStep(director)],
    reaction: 'owner',
    predicted,
    predictedBack: back,
    endsAfterMs,
    ...(back?.reaction.maxMs === 0 ? { stays: true } : {}),
  };
}

function powerOffOf({ cluster, owner }: DrillScene, { other, back }: Peers): DrillPlan | Obstacle {
  const { power } = directorNamed(cluster, owner);
  if (power === undefined)
    return {
      obstacle: `the cluster file does not say how the power of ${owner} is cut and comes back: \`power: { off, on }\``,
    };
  return {
    steps: [powerStep(owner, power)],
    reaction: 'owner',
    predicted: other === undefined ? undefined : onSilence(other, { vipStays: false }),
    predictedBack: back,
    boots: owner,
    ...(back?.reaction.maxMs === 0 ? { stays: true } : {}),
  };
}

function directorNamed({ name: cluster, directors }: Cluster, name: string): Director {
  const director = directors.find((one) => one.name === name);
  if (director !== undefined) return director;
  throw new IpvetError('INTERNAL', `${cluster} has no director ${name}`);
}

function silenceOf({ cluster, service, checks }: DrillScene, destinations: VirtualService['destinations']): DrillPlan {
  const [first] = destinations;
  const check = first === undefined ? undefined : checks.get(`${first.realServer.rip} ${first.port}`);
  return {
    steps: silenceSteps(cluster, service, destinations),
    reaction: 'table',
    predicted: check === undefined ? undefined : onSilentRealServer(check),
    predictedBack: onNothing('a real server that answers is put back by its next check'),
  };
}

/** The first real server of the service, on every director: the one that takes over is to leave it alone too. */
function drainOf({ cluster, service, rules }: DrillScene): DrillPlan | Obstacle {
  const [first] = service.destinations;
  if (first === undefined || service.destinations.length < 2)
    return { obstacle: `${service.name} has no second real server that new connections could go to` };
  const steps: DrillStep[] = [];
  for (const { name } of cluster.directors) {
    const live = liveDestination(rules?.get(name) ?? { services: [] }, service, first);
    if (live === undefined) return { obstacle: `${first.realServer.name} is not in the table of ${name}` };
    if (live.destination.weight === 0) return { obstacle: `${first.realServer.name} has weight 0 on ${name} already` };
    steps.push(drainStep(name, live));
  }
  return {
    steps,
    reaction: 'table',
    predicted: onDrain(),
    predictedBack: onNothing('it gets connections again from the next one on'),
    drained: first.realServer.name,
  };
}
