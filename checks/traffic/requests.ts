import { counted, listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import { hungIn } from '../../lib/model/large-requests.ts';
import { loadObstacle, type VirtualService } from '../../lib/model/cluster.ts';
import type { ConnectionErrorKind, LoadResult } from '../../lib/model/load-result.ts';

export const requests = defineCheck({
  id: 'traffic/requests',
  title: 'Every request is answered',
  failureTitle: 'Requests were lost, or answered by no real server',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'A cluster under a load it was built for loses nothing. The kind of failure says where to look: timeouts before the ' +
      'handshake are lost packets, "refused" is a closed port or no destination, short reads are a server that gave up. An ' +
      'answer of somebody who is no real server went past IPVS. A few requests with a long header come last: where they alone ' +
      'hang, full packets do not fit into a tunnel or a link.',
    byHand: [
      'ab -n 2000 -c 50 http://VIP/',
      'curl -m 5 -H "X-Padding: $(head -c 3000 /dev/zero | tr \'\\0\' x)" http://VIP/',
      'ipvsadm -Ln --stats',
    ],
    references: ['ab(1)', 'connect(2)'],
  },
  evaluate({ load }, { service }, { evidence }) {
    const quoted = [evidence('load')];
    const { requested, sent, answered, failed } = load;
    const notSent = requested - sent;
    const { large } = load;
    const hung = large === undefined ? [] : hungIn(large);
    const found = {
      requested,
      answered,
      failed,
      notSent,
      byKind: load.errors.byKind,
      ...(large === undefined ? {} : { large: { sent: large.probes.length, hung: hung.length } }),
    };
    if (load.stopped === 'interrupted') {
      return cannotTell(`The load on ${service.name} was interrupted after ${sent} of ${requested} requests`, quoted);
    }
    if (failed > 0) {
      const rest = notSent === 0 ? '' : `; ${counted(notSent, 'more was', 'more were')} not tried`;
      return fail({
        reason: `${failed} of ${counted(sent, 'request')} to ${service.name} failed: ${kindsText(load)}${rest}`,
        found,
        expected: { requested, answered: requested, failed: 0, notSent: 0 },
        evidence: quoted,
      });
    }
    if (large !== undefined && hung.length > 0) {
      return fail({
        reason:
          `${hung.length} of ${counted(large.probes.length, 'request')} to ${service.name} with ${large.bytes} bytes more in its head ` +
          `hung after the handshake, while all ${answered} small ones were answered: packets of full size are lost on the way`,
        found,
        expected: { large: { sent: large.probes.length, hung: 0 } },
        evidence: quoted,
      });
    }
    if (sent === 0) return cannotTell(`No request was sent to ${service.name}`, quoted);
    // The operator asked for a time, as with ab's -t: what was sent in it is what was asked for.
    if (load.stopped === 'time-limit' && answered === sent) return pass(found, quoted);
    if (notSent > 0 || answered !== sent) {
      return cannotTell(
        `Of ${counted(requested, 'request')} to ${service.name} ${sent} were sent and ${answered} answered, and the load does not say what became of the rest`,
        quoted,
      );
    }
    const strangers = strangersIn(load, service);
    if (strangers.length === 0) return pass(found, quoted);
    const theirs = strangers.map(
      ([name, answers]) => `${answers} of ${answered} answers of ${service.name} from ${name}`,
    );
    return fail({
      reason: `Clients got ${listed(theirs)}, which ${strangers.length === 1 ? 'is no real server' : 'are no real servers'} of it`,
      found: { ...found, byRealServer: load.answersByRealServer },
      expected: { answeredBy: service.destinations.map(({ realServer: { name } }) => name) },
      evidence: quoted,
    });
  },
});

/**
 * Who answered besides the real servers, where answers name those: a director's own web server, when IPVS lets a packet by.
 * As many names as there are real servers that nobody heard of may be theirs, by another name than the cluster file has.
 */
function strangersIn({ answersByRealServer }: LoadResult, { destinations }: VirtualService) {
  const declared = new Set(destinations.map(({ realServer }) => realServer.name));
  const answers = Object.entries(answersByRealServer);
  const strangers = answers.filter(([name]) => !declared.has(name));
  const unheard = declared.size - (answers.length - strangers.length);
  return unheard === declared.size || strangers.length <= unheard ? [] : strangers;
}

const kindNames: Readonly<Record<ConnectionErrorKind, string>> = {
  refused: 'refused',
  reset: 'reset',
  'connect-timeout': 'timed out before the handshake',
  'response-timeout': 'timed out waiting for the answer',
  unreachable: 'unreachable',
  'no-resource': 'not sent for want of a port or descriptor on the client',
  'short-read': 'cut short',
  'bad-status': 'answered with another status',
  'bad-body': 'answered with another body',
  other: 'failed otherwise',
};

function kindsText(load: LoadResult): string {
  const kinds = Object.entries(load.errors.byKind) as [ConnectionErrorKind, number][];
  const texts = kinds.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return texts.length === 0
    ? 'no reason was recorded'
    : listed(texts.map(([kind, count]) => `${count} ${kindNames[kind]}`));
}
