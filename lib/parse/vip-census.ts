/** Who answered when a host asked its neighbours for an address. */

/** Undefined when the tool did not get as far as asking; else every distinct MAC that answered, lower case. */
export type Answers = readonly string[] | undefined;

/**
 * arping of iputils and of busybox: `Unicast reply from 192.0.2.1 [02:00:00:00:00:01]  0.6ms`, and `Sent 1 probes` once it
 * has asked. Thomas Habets' arping takes other options, and says neither.
 */
export function parseArping(text: string): Answers {
  if (!/^Sent [1-9]\d* probe/m.test(text)) return undefined;
  return distinct(
    [...text.matchAll(/^(?:Unicast|Broadcast) reply from \S+ ?\[([0-9A-Fa-f:]+)\]/gm)].map(([, mac = '']) => mac),
  );
}

/** ndisc6(8): `Target link-layer address: 02:00:00:00:00:01`, or `No response.`; `Soliciting` comes before. */
export function parseNdisc(text: string): Answers {
  const answers = [...text.matchAll(/^\s*Target link-layer address: ([0-9A-Fa-f:]+)/gm)].map(([, mac = '']) => mac);
  if (answers.length === 0 && !/^(?:No response|Timed out)/m.test(text)) return undefined;
  return distinct(answers);
}

function distinct(macs: readonly string[]): readonly string[] {
  return [...new Set(macs.map(normalised))];
}

/** busybox leaves the zero before a single digit out. */
function normalised(mac: string): string {
  return mac
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}
