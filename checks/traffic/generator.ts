import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';

/** Above this share of one core the generator waits for itself. */
const busyShare = 0.95;
/** A timer this late adds to every time measured. */
const lateMs = 100;

/**
 * A closed-loop load is as fast as its slower end. When that is the generator, answers still count, but rates and times
 * are its own.
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
      'let its own deadlines pass. Thresholds judged on such figures mean nothing.',
    byHand: ['top -H -p PID', 'mpstat -P ALL 1'],
    references: ['Node.js perf_hooks.monitorEventLoopDelay'],
  },
  evaluate({ load }, { cluster, service }, { evidence }) {
    const quoted = [evidence('load')];
    const { cpuShare, eventLoopDelayP99Ms } = load.generator;
    const found = { cpuShare, eventLoopDelayP99Ms };
    const signs = [
      ...(cpuShare >= busyShare ? [`it used ${Math.round(cpuShare * 100)}% of a core`] : []),
      ...(eventLoopDelayP99Ms >= lateMs ? [`its timers were ${Math.round(eventLoopDelayP99Ms)} ms late`] : []),
    ];
    if (signs.length === 0) return pass(found, quoted);
    const reason = `The load generator on ${load.client} was its own limit while it drove ${service.name}: ${listed(signs)}`;
    const measured = cluster.thresholds.filter(
      ({ load: profile, metric }) => profile === load.profile && !metric.startsWith('errors.'),
    );
    const timeouts = (load.errors.byKind['connect-timeout'] ?? 0) + (load.errors.byKind['response-timeout'] ?? 0);
    const hint = 'Lower the concurrency, or drive the load from a machine of its own';
    if (measured.length > 0) {
      return cannotTell(
        `${reason}; thresholds on ${listed(measured.map(({ metric }) => metric))} cannot be judged`,
        quoted,
        hint,
      );
    }
    if (eventLoopDelayP99Ms >= lateMs && timeouts > 0) {
      return cannotTell(`${reason}; ${timeouts} timeouts may be its own`, quoted, hint);
    }
    return warn({
      reason: `${reason}; rates and times are not those of the cluster`,
      found,
      expected: { cpuShare: `below ${busyShare}`, eventLoopDelayP99Ms: `below ${lateMs}` },
      evidence: quoted,
    });
  },
});
