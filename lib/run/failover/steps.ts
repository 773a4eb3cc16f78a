/** Single steps of drills: what is done to a host, and what takes it back there. Pure. */
import type { UndoStep } from '../../changes/undo-step.ts';
import type { Cluster, PowerSwitch, VirtualService } from '../../model/cluster.ts';
import { commandText } from '../../model/custom-check.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../model/facts.ts';
import { destinationWords, serviceName } from '../../model/rule-words.ts';
import {
  advertsDropped,
  dropAdverts,
  freezeKeepalived,
  hearAdverts,
  type RootCommand,
  setWeights,
  silences,
  startKeepalived,
  thawKeepalived,
} from '../../privileges/index.ts';
import { quoteArgv, quoteWord } from '../../ssh/quote.ts';

/** How a step is made: by a program as root, by one of ours that goes on without the connection, by what is outside the host. */
export type Means =
  | { readonly kind: 'root'; readonly command: RootCommand; readonly input?: string }
  | { readonly kind: 'detached'; readonly program: string; readonly needs: readonly RootCommand[] }
  | { readonly kind: 'power'; readonly power: PowerSwitch };

export interface DrillStep {
  readonly host: string;
  readonly what: string;
  readonly means: Means;
  /** As an operator would type it. */
  readonly text: string;
  readonly undo: UndoStep;
  /** As an operator would take it back. */
  readonly undoText: string;
}

const asRoot = (command: RootCommand): Pick<DrillStep, 'means' | 'text'> => ({
  means: { kind: 'root', command },
  text: command.argv.join(' '),
});

export function keepalivedStep(host: string, what: string, command: RootCommand): DrillStep {
  return {
    host,
    what,
    ...asRoot(command),
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

/** Taken back on this machine, not on the host. */
export function powerStep(host: string, power: PowerSwitch): DrillStep {
  return {
    host,
    what: 'cut its power',
    means: { kind: 'power', power },
    text: `on this machine: ${commandText(power.off)}`,
    undo: { host, what: 'its power is on', script: commandText(power.on) },
    undoText: `on this machine: ${commandText(power.on)}`,
  };
}

export function partitionStep(host: string): DrillStep {
  return {
    host,
    what: 'drop VRRP adverts (protocol 112)',
    ...asRoot(dropAdverts),
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

export function silenceSteps(
  cluster: Pick<Cluster, 'virtualServices'>,
  { protocol }: VirtualService,
  destinations: VirtualService['destinations'],
): readonly DrillStep[] {
  return destinations.flatMap(({ realServer, port }) =>
    silences(cluster, realServer)
      .filter(({ drop }) => drop.argv.includes(protocol) && drop.argv.includes(String(port)))
      .map(({ drop, answer, dropped }) => ({
        host: realServer.name,
        what: `be silent on ${protocol} port ${port}`,
        ...asRoot(drop),
        undo: {
          host: realServer.name,
          what: `${protocol} port ${port} answers`,
          script: [
            `root ${quoteArgv(answer.argv)} 2>/dev/null || :`,
            `! root ${quoteArgv(dropped.argv)} 2>/dev/null`,
          ].join('\n'),
        },
        undoText: answer.argv.join(' '),
      })),
  );
}

/** What the rules of one director say of a declared destination; undefined where they do not have it. */
export function liveDestination(
  { services }: IpvsRules,
  { vip, port, protocol, fwmark }: VirtualService,
  { realServer, port: own }: VirtualService['destinations'][number],
): { readonly service: IpvsService; readonly destination: IpvsDestination } | undefined {
  const service = services.find((one) =>
    fwmark === undefined
      ? one.protocol === protocol && one.address === vip && one.port === port
      : one.fwmark === fwmark && one.extra.includes('-6') === vip.includes(':'),
  );
  const destination = service?.destinations.find((one) => one.address === realServer.rip && one.port === own);
  return service === undefined || destination === undefined ? undefined : { service, destination };
}

/**
 * The destination gets no new connections. keepalived leaves the weight alone until a check of its own changes it; what
 * was recorded comes back as a whole, thresholds too, and only where the destination is still there with weight 0.
 */
export function drainStep(host: string, live: NonNullable<ReturnType<typeof liveDestination>>): DrillStep {
  const words = (weight: number) => `-e ${destinationWords(live.service, { ...live.destination, weight }).join(' ')}`;
  const drained = `-a ${destinationWords(live.service, { ...live.destination, weight: 0, extra: [] }).join(' ')}`;
  const { address, port, weight } = live.destination;
  return {
    host,
    what: `weight 0 for ${address}:${port} in ${serviceName(live.service).join(' ')}`,
    means: { kind: 'root', command: setWeights, input: `${words(0)}\n` },
    text: `ipvsadm ${words(0)}`,
    undo: {
      host,
      what: `${address}:${port} has weight ${weight}`,
      script: [
        `found=$(root ipvsadm -Sn) || exit 1`,
        `if printf '%s\\n' "$found" | grep -qF -e ${quoteWord(drained)}; then`,
        `printf '%s\\n' ${quoteWord(words(weight))} | root ${quoteArgv(setWeights.argv)} || :`,
        'fi',
        `found=$(root ipvsadm -Sn) && ! printf '%s\\n' "$found" | grep -qF -e ${quoteWord(drained)}`,
      ].join('\n'),
    },
    undoText: `ipvsadm ${words(weight)}`,
  };
}
