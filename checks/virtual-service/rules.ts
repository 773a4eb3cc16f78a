import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { VirtualService } from '../../lib/model/cluster.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { IpvsDestination, IpvsService } from '../../lib/model/facts.ts';
import { destinationWords, serviceName, serviceWords } from '../../lib/model/rule-words.ts';
import {
  liveDestination,
  ruleKey,
  ruleOf,
  type ServiceOptions,
  serviceOptions,
  thresholdsOf,
} from '../../lib/model/service-rule.ts';

/** What the kernel schedules by is its own table; files and commands that once filled it may say otherwise. */
export const rules = defineCheck({
  id: 'virtual-service/rules',
  title: 'Kernel has the virtual service as declared',
  failureTitle: "Kernel's rules differ from the declared service",
  sees: [
    'service-rule-missing',
    'forwarding-method-mismatch',
    'weight-zero',
    'weight-misbalance',
    'no-real-servers',
    'wrong-rip-or-port',
    'sorry-server-active',
  ],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  doc: {
    why:
      'A missing service is answered with RST by the director itself. A missing or surplus destination, another weight, ' +
      'scheduler or forwarding method sends connections elsewhere than was planned, or nowhere.',
    byHand: ['ipvsadm -Sn', 'ipvsadm -Ln --thresholds', 'cat /proc/net/ip_vs'],
    references: ['ipvsadm(8)', 'net/netfilter/ipvs/ip_vs_ctl.c'],
  },
  evaluate({ ipvsRules }, { host, service }, { evidence }) {
    const what = ruleKey(ruleOf(service));
    const live = ipvsRules.services.find((one) => ruleKey(one) === what);
    const wanted = ruleOf(service, live);
    const quoted = [
      quote(
        evidence('ipvsRules'),
        ...(service.fwmark === undefined ? [service.vip] : []),
        serviceName(wanted).join(' '),
      ),
    ];
    const expected = shown(wanted);
    if (live === undefined) {
      const instead = service.fwmark === undefined ? `, so it answers clients of ${service.name} with RST` : '';
      return fail({
        reason: `${host.name} has no virtual service ${what}${instead}`,
        faults: ['service-rule-missing'],
        found: null,
        expected,
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: `Install the rules of ${service.name}`,
          commands: addCommands(wanted),
          undo: [`ipvsadm -D ${serviceName(wanted).join(' ')}`],
        },
      });
    }
    const differences = [...serviceDifferences(wanted, live), ...destinationDifferences(service, wanted, live)];
    if (differences.length === 0) return pass(shown(live), quoted);
    const culprits = [...new Set(differences.flatMap(({ realServer }) => realServer ?? []))];
    return fail({
      reason: `${host.name} has ${what} otherwise than declared: ${listed(differences.map(({ text }) => text))}`,
      faults: [...new Set(differences.flatMap(({ fault }) => fault ?? []))],
      ...(culprits.length === 0 ? {} : { culprits }),
      found: shown(live),
      expected,
      evidence: quoted,
    });
  },
});

/** Keys that say nothing are left out, so that a plain service stays short in a report. */
function shown({ scheduler, persistenceS, extra, destinations }: IpvsService) {
  const { netmask, engine, onePacket, schedulerFlags } = serviceOptions(extra);
  return {
    scheduler,
    persistenceS,
    ...(netmask === undefined ? {} : { persistenceNetmask: netmask }),
    ...(engine === undefined ? {} : { persistenceEngine: engine }),
    ...(onePacket ? { onePacket } : {}),
    ...(schedulerFlags.length === 0 ? {} : { schedulerFlags }),
    destinations: destinations.map((destination) => {
      const { address, port, forwarding, weight } = destination;
      const thresholds = thresholdsOf(destination);
      return { address, port, forwarding, weight, ...(thresholds.upper === 0 ? {} : { thresholds }) };
    }),
  };
}

/** Without a fault where no fault of the catalogue comes of it. */
interface Difference {
  readonly text: string;
  readonly fault?: FaultId;
  readonly realServer?: string;
}

function serviceDifferences(wanted: IpvsService, live: IpvsService): Difference[] {
  const [should, is] = [serviceOptions(wanted.extra), serviceOptions(live.extra)];
  const facets: readonly (readonly [what: string, pick: (rule: IpvsService, options: ServiceOptions) => string])[] = [
    ['scheduler', ({ scheduler }) => scheduler],
    ['persistence', ({ persistenceS }) => `${persistenceS} s`],
    ['persistence netmask', (_rule, { netmask }) => netmask ?? 'none'],
    ['persistence engine', (_rule, { engine }) => engine ?? 'none'],
    [
      'scheduler flags',
      (_rule, { schedulerFlags }) => (schedulerFlags.length === 0 ? 'none' : schedulerFlags.join(',')),
    ],
    ['one-packet mode', (_rule, { onePacket }) => (onePacket ? 'on' : 'off')],
  ];
  return facets.flatMap(([what, pick]) => {
    const [found, declared] = [pick(live, is), pick(wanted, should)];
    return found === declared ? [] : [{ text: `${what} ${found} in place of ${declared}` }];
  });
}

function destinationDifferences(service: VirtualService, wanted: IpvsService, live: IpvsService): Difference[] {
  const surplus = new Set(live.destinations);
  const differences = service.destinations.flatMap((destination, index): Difference[] => {
    const should = wanted.destinations[index];
    if (should === undefined) return [];
    const name = `${destination.realServer.name} (${endpoint(should.address, should.port)})`;
    const is = liveDestination(service, destination, live);
    const realServer = destination.realServer.name;
    if (is === undefined)
      return [
        { text: `no destination ${name}`, ...(live.destinations.length === 0 ? { fault: 'no-real-servers' } : {}) },
      ];
    surplus.delete(is);
    return [
      ...(is.forwarding === should.forwarding
        ? []
        : [
            {
              text: `forwarding ${is.forwarding} in place of ${should.forwarding} to ${name}`,
              fault: 'forwarding-method-mismatch' as const,
              realServer,
            },
          ]),
      ...(is.weight === should.weight
        ? []
        : [
            {
              text: `weight ${is.weight} in place of ${should.weight} for ${name}`,
              fault: is.weight === 0 ? ('weight-zero' as const) : ('weight-misbalance' as const),
            },
          ]),
      ...(limits(is) === limits(should)
        ? []
        : [{ text: `thresholds ${limits(is)} in place of ${limits(should)} for ${name}` }]),
    ];
  });
  // One in place of all that were declared is what a health checker puts there when they are gone.
  const alone = surplus.size === 1 && surplus.size === live.destinations.length;
  return [
    ...differences,
    ...[...surplus].map((one) => ({
      text: `a destination ${endpoint(one.address, one.port)} nobody declared`,
      fault: alone ? ('sorry-server-active' as const) : ('wrong-rip-or-port' as const),
    })),
  ];
}

function limits(destination: IpvsDestination): string {
  const { upper, lower } = thresholdsOf(destination);
  return `${upper}/${lower}`;
}

function addCommands(wanted: IpvsService): string[] {
  return [
    `ipvsadm -A ${serviceWords(wanted).join(' ')}`,
    ...wanted.destinations.map((destination) => `ipvsadm -a ${destinationWords(wanted, destination).join(' ')}`),
  ];
}
