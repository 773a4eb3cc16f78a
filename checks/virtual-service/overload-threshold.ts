import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { counted } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';
import { destinationWords } from '../../lib/model/rule-words.ts';
import { shellWord } from '../../lib/model/shell-word.ts';
import { ruleKey, ruleOf, thresholdsOf } from '../../lib/model/service-rule.ts';

/** The upper threshold counts inactive entries too: a connection that ended is one for two minutes more. */
export const overloadThreshold = defineCheck({
  id: 'virtual-service/overload-threshold',
  title: 'Thresholds of the destinations leave room for the load',
  failureTitle: 'Thresholds of the destinations refuse part of the load',
  sees: ['overload-threshold'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  doc: {
    why:
      'A destination at its upper threshold gets nothing until it is below the lower one. When all are, clients are refused at ' +
      'once although every real server is idle: short connections fill a threshold with entries that only wait to run out.',
    byHand: ['ipvsadm -Ln --thresholds', 'ipvsadm -Ln'],
    references: ['net/netfilter/ipvs/ip_vs_conn.c (ip_vs_bind_dest)', 'ipvsadm(8), --u-threshold'],
  },
  evaluate({ ipvsRules }, { cluster, host, service }, { evidence }) {
    const live = ipvsRules.services.find((one) => ruleKey(one) === ruleKey(ruleOf(service)));
    if (live === undefined) return notApplicable(`${host.name} has no virtual service ${ruleKey(ruleOf(service))}`);
    const serving = live.destinations.filter(({ weight }) => weight > 0);
    const limited = serving.filter((destination) => thresholdsOf(destination).upper > 0);
    if (limited.length === 0) return notApplicable(`No destination of ${service.name} has a threshold`);
    const found = Object.fromEntries(
      limited.map((destination) => [endpoint(destination.address, destination.port), thresholdsOf(destination)]),
    );
    const quoted = [quote(evidence('ipvsRules'), ...limited.map(({ address }) => address))];
    const profiles = loadObstacle(service) === undefined ? cluster.loadProfiles : [];
    // One without a threshold takes what the others refuse.
    const room =
      limited.length < serving.length
        ? Number.POSITIVE_INFINITY
        : limited.reduce((sum, destination) => sum + thresholdsOf(destination).upper, 0);
    const [widest] = [...profiles].sort((a, b) => b.concurrency - a.concurrency);
    const [longest] = profiles.filter(({ mode }) => mode === 'ab').sort((a, b) => b.requests - a.requests);
    const remedy = {
      host: host.name,
      summary: 'Take the thresholds off, or raise them',
      commands: limited.map(
        (destination) =>
          `ipvsadm -e ${destinationWords(live, { ...destination, extra: others(destination.extra) })
            .map(shellWord)
            .join(' ')}`,
      ),
      undo: limited.map((destination) => `ipvsadm -e ${destinationWords(live, destination).map(shellWord).join(' ')}`),
    };
    if (widest !== undefined && widest.concurrency > room) {
      return fail({
        reason: `${service.name} takes ${counted(room, 'connection')} at once by its thresholds, and profile ${widest.name} makes ${widest.concurrency}`,
        found,
        expected: { together: `more than ${widest.concurrency}` },
        evidence: quoted,
        remedy,
      });
    }
    if (longest !== undefined && longest.requests > room) {
      return warn({
        reason:
          `${service.name} takes ${counted(room, 'connection')} by its thresholds, ended ones of the last two minutes among them, ` +
          `and profile ${longest.name} makes ${longest.requests}`,
        found,
        expected: {
          together: `more than ${longest.requests}, or the load spread over more than two minutes for each ${room}`,
        },
        evidence: quoted,
        remedy,
      });
    }
    return pass(found, quoted);
  },
});

function others(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !['-x', '-y'].includes(word) && !['-x', '-y'].includes(words[index - 1] ?? ''));
}
