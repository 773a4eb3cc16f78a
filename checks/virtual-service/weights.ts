import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, type Finding, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { destinationWords } from '../../lib/model/rule-words.ts';
import { shellWord } from '../../lib/model/shell-word.ts';
import { ruleKey, ruleOf } from '../../lib/model/service-rule.ts';

/** Those for which a weight is more than 0 or not 0: see the schedulers' own files. `fo` only ranks by it. */
const proportional = ['wrr', 'wlc', 'sed', 'nq', 'sh', 'mh', 'twos'];
const indifferent = ['rr', 'lc', 'lblc', 'dh'];

/** How many times another's weight counts as forgotten, not meant. */
const dwarfingRatio = 50;

/** A weight is judged as it is in the kernel: health checkers and a hand left them there. */
export const weights = defineCheck({
  id: 'virtual-service/weights',
  title: 'Service has destinations to choose from, with weights that mean something',
  failureTitle: 'Service has nowhere to send connections, or weights that say something else',
  sees: ['no-real-servers', 'weight-zero', 'weight-misbalance'],
  severity: 'mandatory',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  doc: {
    why:
      'Weight 0 takes no new connections. When all have it, clients are refused at once with an ICMP message that looks like a ' +
      'closed port. One weight many times the others takes nearly everything, and rr and lc look at no weight but 0.',
    byHand: ['ipvsadm -Ln', 'cat /proc/net/ip_vs'],
    references: [
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_leave)',
      'net/netfilter/ipvs/ip_vs_wrr.c',
      'ipvsadm(8), --weight',
    ],
  },
  evaluate({ ipvsRules }, { host, service }, { evidence }) {
    const wanted = ruleOf(service);
    const live = ipvsRules.services.find((one) => ruleKey(one) === ruleKey(wanted));
    if (live === undefined) {
      return notApplicable(`${host.name} has no virtual service ${ruleKey(wanted)}; virtual-service/rules tells`);
    }
    const { destinations, scheduler } = live;
    const nameOf = ({ address, port }: (typeof destinations)[number]): string => endpoint(address, port);
    const found = {
      scheduler,
      weights: Object.fromEntries(destinations.map((destination) => [nameOf(destination), destination.weight])),
    };
    const quoted = [
      quote(evidence('ipvsRules'), ...(service.fwmark === undefined ? [service.vip] : [`-f ${service.fwmark}`])),
    ];
    const serving = destinations.filter(({ weight }) => weight > 0);
    const remedy = {
      host: host.name,
      summary: 'Give the destinations the weights of the cluster file',
      commands: wanted.destinations
        .filter(({ weight }) => weight > 0)
        .map((destination) => `ipvsadm -e ${destinationWords(wanted, destination).map(shellWord).join(' ')}`),
      undo: destinations.map(
        (destination) => `ipvsadm -e ${destinationWords(live, destination).map(shellWord).join(' ')}`,
      ),
    };
    if (serving.length === 0) {
      return fail({
        reason: `${host.name} refuses every new connection of ${service.name}: ${destinations.length === 0 ? 'it has no destination' : 'all destinations have weight 0'}`,
        faults: [destinations.length === 0 ? 'no-real-servers' : 'weight-zero'],
        found,
        expected: 'a destination with a weight above 0',
        evidence: quoted,
        ...(destinations.length === 0 || remedy.commands.length === 0 ? {} : { remedy }),
      });
    }
    const least = serving.reduce((a, b) => (b.weight < a.weight ? b : a));
    const most = serving.reduce((a, b) => (b.weight > a.weight ? b : a));
    const finding: Omit<Finding, 'reason'> = {
      faults: ['weight-misbalance'],
      found,
      expected: 'weights in proportion to what the real servers can do',
      evidence: quoted,
    };
    if (proportional.includes(scheduler) && most.weight >= least.weight * dwarfingRatio) {
      return warn({
        ...finding,
        reason: `${service.name} gives ${nameOf(most)} weight ${most.weight} and ${nameOf(least)} ${least.weight}: the one takes nearly all there is`,
      });
    }
    if (indifferent.includes(scheduler) && most.weight !== least.weight) {
      return warn({
        ...finding,
        reason: `${service.name} has the weights ${listed([...new Set(serving.map(({ weight }) => String(weight)))])}, and ${scheduler} looks at none but 0`,
        expected: 'equal weights, or a scheduler that goes by them, such as wrr or wlc',
      });
    }
    return pass(found, quoted);
  },
});
