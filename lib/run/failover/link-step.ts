/**
 * A director's link goes down and comes back, by a program on the director itself: the connection to it may go by that link.
 * Pure. Routes that were set by hand, at boot or by DHCP vanish with a link and do not come back with it (connected ones do, and
 * daemons look after theirs); `ip route save` and `restore` keep them to the bit (ip-route(8)).
 */
import { guardPlace } from '../../changes/guard-program.ts';
import type { Director } from '../../model/cluster.ts';
import { linkCommandsOf, type RootCommand } from '../../privileges/index.ts';
import { quoteArgv, quoteWord } from '../../ssh/quote.ts';
import type { DrillStep } from './steps.ts';

/** How long the link is down. The guard on the host waits 20 s for a sign of life, which TCP may send 6 s after the link is back. */
export const linkDownS = 10;

/** Addresses of IPv6 vanish with their link, and do not come back. */
export const addressesOnLinkArgv = ({ vipInterface }: Pick<Director, 'vipInterface'>): readonly string[] => [
  ...['sh', '-c', 'PATH="$PATH:/usr/sbin:/sbin"; exec ip -6 -o address show dev "$1" scope global permanent'],
  ...['ipvet-link', vipInterface],
];

/** The same routes in the same words, whether there is a carrier yet or not. */
const routes = String.raw`routes() {
  for p in boot static dhcp; do ip -4 route show table all proto $p; done 2>/dev/null | sed 's/ linkdown//; s/ dead//; s/ *$//' | LC_ALL=C sort
}`;

const restoring = (restore: RootCommand) =>
  `for f in "$d"/routes.*; do if [ -s "$f" ]; then root ${quoteArgv(restore.argv)} <"$f" 2>/dev/null || :; fi; done`;

export function linkStep(director: Pick<Director, 'name' | 'vipInterface'>): DrillStep {
  const { name: host, vipInterface } = director;
  const { down, up, routes: restore } = linkCommandsOf(director);
  return {
    host,
    what: `${vipInterface} goes down for ${linkDownS} s`,
    means: {
      kind: 'detached',
      needs: [down, up, restore],
      program: [
        routes,
        'routes >"$d/routes" || exit 1',
        String.raw`for t in main $(ip -4 route show table all | sed -n 's/.* table \([^ ]*\).*/\1/p' | LC_ALL=C sort -u); do`,
        '  if [ "$t" = local ]; then continue; fi',
        '  for p in boot static dhcp; do ip -4 route save table "$t" proto $p >"$d/routes.$t.$p" 2>/dev/null; done',
        'done',
        `root ${quoteArgv(down.argv)} && sleep ${linkDownS}`,
        `root ${quoteArgv(up.argv)}`,
        restoring(restore),
      ].join('\n'),
    },
    text: `${down.argv.join(' ')}; sleep ${linkDownS}; ${up.argv.join(' ')}`,
    undo: {
      host,
      what: `${vipInterface} is up, with its routes`,
      script: [
        routes,
        `d=${quoteWord(guardPlace.folder)}`,
        `root ${quoteArgv(up.argv)} || :`,
        restoring(restore),
        `[ -n "$(ip link show dev ${quoteWord(vipInterface)} up)" ] && { [ ! -e "$d/routes" ] || [ "$(routes)" = "$(cat "$d/routes")" ]; }`,
      ].join('\n'),
    },
    undoText: `${up.argv.join(' ')}, and routes as before (ip route)`,
  };
}
