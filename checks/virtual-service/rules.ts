import { endpoint, sameAddress } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { Destination, VirtualService } from '../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsService } from '../../lib/model/facts.ts';

/** What the kernel schedules by is its own table; files and commands that once filled it may say otherwise. */
export const rules = defineCheck({
  id: 'virtual-service/rules',
  title: 'Kernel has the virtual service as declared',
  failureTitle: "Kernel's rules differ from the declared service",
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  doc: {
    why:
      'A missing service is answered with RST by the director itself. A missing or surplus destination, another weight, ' +
      'scheduler or forwarding method sends connections elsewhere than was planned, or nowhere.',
    byHand: ['ipvsadm -Sn', 'cat /proc/net/ip_vs'],
    references: ['ipvsadm(8)', 'net/netfilter/ipvs/ip_vs_ctl.c'],
  },
  evaluate({ ipvsRules }, { host, service }, { evidence }) {
    const quoted = [quote(evidence('ipvsRules'), service.vip, endpoint(service.vip, service.port))];
    const expected = {
      scheduler: service.scheduler,
      persistenceS: service.persistenceS,
      destinations: service.destinations.map(({ realServer, port, weight }) => ({
        address: realServer.rip,
        port,
        forwarding: service.forwarding,
        weight,
      })),
    };
    const live = ipvsRules.services.find(
      ({ protocol, address, port }) =>
        protocol === service.protocol && port === service.port && sameAddress(address, service.vip),
    );
    const what = `${service.protocol} ${endpoint(service.vip, service.port)}`;
    if (live === undefined) {
      return fail({
        reason: `${host.name} has no virtual service ${what}, so it answers clients of ${service.name} with RST`,
        found: null,
        expected,
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: `Install the rules of ${service.name}`,
          commands: addCommands(service),
          undo: [`ipvsadm -D ${serviceFlag(service)}`],
        },
      });
    }
    const found = {
      scheduler: live.scheduler,
      persistenceS: live.persistenceS,
      destinations: live.destinations.map(({ address, port, forwarding, weight }) => ({
        address,
        port,
        forwarding,
        weight,
      })),
    };
    const differences = [...serviceDifferences(service, live), ...destinationDifferences(service, live)];
    if (differences.length === 0) return pass(found, quoted);
    return fail({
      reason: `${host.name} has ${what} otherwise than declared: ${listed(differences)}`,
      found,
      expected,
      evidence: quoted,
    });
  },
});

function serviceDifferences(service: VirtualService, live: IpvsService): string[] {
  const differences: string[] = [];
  if (live.scheduler !== service.scheduler) {
    differences.push(`scheduler ${live.scheduler} in place of ${service.scheduler}`);
  }
  if (live.persistenceS !== service.persistenceS) {
    differences.push(`persistence ${live.persistenceS} s in place of ${service.persistenceS} s`);
  }
  return differences;
}

const isFor =
  ({ realServer, port }: Destination) =>
  (live: IpvsDestination): boolean =>
    live.port === port && sameAddress(live.address, realServer.rip);

function destinationDifferences(service: VirtualService, live: IpvsService): string[] {
  const declared = service.destinations.flatMap((destination) => {
    const { realServer, port, weight } = destination;
    const name = `${realServer.name} (${endpoint(realServer.rip, port)})`;
    const entry = live.destinations.find(isFor(destination));
    if (entry === undefined) return [`no destination ${name}`];
    const method =
      entry.forwarding === service.forwarding
        ? []
        : [`forwarding ${entry.forwarding} in place of ${service.forwarding} to ${name}`];
    return entry.weight === weight ? method : [...method, `weight ${entry.weight} in place of ${weight} for ${name}`];
  });
  const surplus = live.destinations
    .filter((entry) => !service.destinations.some((destination) => isFor(destination)(entry)))
    .map(({ address, port }) => `a destination ${endpoint(address, port)} nobody declared`);
  return [...declared, ...surplus];
}

function serviceFlag({ protocol, vip, port }: VirtualService): string {
  return `${{ tcp: '-t', udp: '-u', sctp: '--sctp-service' }[protocol]} ${endpoint(vip, port)}`;
}

function addCommands(service: VirtualService): string[] {
  const method = { nat: '-m', dr: '-g', tun: '-i' }[service.forwarding];
  const persistence = service.persistenceS === 0 ? '' : ` -p ${service.persistenceS}`;
  return [
    `ipvsadm -A ${serviceFlag(service)} -s ${service.scheduler}${persistence}`,
    ...service.destinations.map(
      ({ realServer, port, weight }) =>
        `ipvsadm -a ${serviceFlag(service)} -r ${endpoint(realServer.rip, port)} ${method} -w ${weight}`,
    ),
  ];
}
