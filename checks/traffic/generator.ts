import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';
import { generatorBounds, type GeneratorLimit, generatorLimits } from '../../lib/model/generator-limits.ts';

/**
 * A closed-loop load is as fast as its slower end. When that is the generator, answers still count, but rates and times
 * are its own. An open loop promises a rate, so one that was not kept says nothing of the cluster at that rate.
 */
export const generator = defineCheck({
  id: 'traffic/generator',
  title: 'Load generator was not the bottleneck',
  failureTitle: 'Load generator was the bottleneck',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'A generator that is out of CPU reports its own delays as latency and its own speed as the rate of the cluster, and may ' +
      'let its own deadlines pass; one that is out of ports or descriptors sends nothing. Thresholds judged on such figures mean nothing.',
    byHand: ['top -H -p PID', 'mpstat -P ALL 1', 'ss -s', 'ulimit -n', 'sysctl net.ipv4.ip_local_port_range'],
    references: ['Node.js perf_hooks.monitorEventLoopDelay', 'docs/load.md'],
  },
  evaluate({ load }, { cluster, service }, { evidence }) {
    const quoted = [evidence('load')];
    const { openLoop, measured, capacity } = load;
    const found = {
      ...load.generator,
      ...(openLoop === undefined ? {} : { lateSends: openLoop.lateSends, waitedForPlace: openLoop.waitedForPlace }),
    };
    if (capacity?.limitedBy === 'generator')
      return cannotTell(`The capacity of ${service.name} was not found: ${capacity.reason}`, quoted, hints.cpu);
    const limits = generatorLimits(load);
    const [first] = limits;
    if (first === undefined) return pass(found, quoted);
    const reason = `The load generator on ${load.client} was its own limit while it drove ${service.name}: ${listed(limits.map(({ text }) => text))}`;
    const thresholds = cluster.thresholds.filter(
      ({ load: profile, metric }) => profile === load.profile && !metric.startsWith('errors.'),
    );
    const timeouts = (load.errors.byKind['connect-timeout'] ?? 0) + (load.errors.byKind['response-timeout'] ?? 0);
    const worthless = [
      ...(thresholds.length === 0
        ? []
        : [`thresholds on ${listed(thresholds.map(({ metric }) => metric))} cannot be judged`]),
      ...(limits.some(({ kind }) => kind === 'delay') && timeouts > 0 ? [`${timeouts} timeouts may be its own`] : []),
      ...(openLoop === undefined ? [] : ['its rate was not the one asked for']),
      ...(measured === true ? ['rates and times are not those of the cluster'] : []),
    ];
    if (worthless.length > 0 || limits.some(({ kind }) => kind !== 'cpu' && kind !== 'delay'))
      return cannotTell([reason, ...worthless].join('; '), quoted, hints[first.kind]);
    return warn({
      reason: `${reason}; rates and times are not those of the cluster`,
      found,
      expected: generatorBounds,
      evidence: quoted,
    });
  },
});

const hints: Readonly<Record<GeneratorLimit['kind'], string>> = {
  cpu: 'Lower the concurrency or the rate, give the profile `threads`, or drive the load from a machine of its own',
  delay: 'Lower the concurrency or the rate, or drive the load from a machine on which nothing else runs',
  late: 'Lower the rate, give the profile `threads`, or drive the load from a machine of its own',
  ports: 'Give the client a pool of addresses (`cip: 10.0.0.10-10.0.0.40`), or widen net.ipv4.ip_local_port_range',
  descriptors: 'Raise the limit (ulimit -n) of the shell that ipvet is started from, or lower the concurrency',
};
