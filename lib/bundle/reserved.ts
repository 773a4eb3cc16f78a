/** Words that mean something in a journal, a cluster file or what programs print: a host of that name keeps it. */
import { readFileSync } from 'node:fs';

import { ownFile } from '../own-files.ts';
import { ownWords } from '../run/own-words.ts';
import type { RunEvent } from '../run/events.ts';

const printed = `
  accept access address addresses all any arp boot broadcast bridge brd chain client conf cpu default destination dev director
  directors down drop dst enabled disabled eth0 eth1 file forward global gre group host hosts icmp inet inet6 input interface
  ip ip6 ipip ipv4 ipv6 ipvet ipvsadm iptables kernel keepalived known last layer link linux listen lo load local localhost
  localdomain loopback lvs mac main masquerade master backup method mtu name neigh net network nft node none off on output path permanent
  port postrouting prefix prerouting protocol proto qdisc raw reachable real reject reply root route router routes rule rules
  scheduler scope server service services source src stale state static status sudo sync sysctl system systemd table target
  test tunnel type unit unicast unknown up user users value version via vip virtual vrrp http https tcp udp weight
`;

/** Lower case. */
export function reservedWords(events: readonly RunEvent[]): ReadonlySet<string> {
  const words = new Set([...ownWords, ...printed.trim().split(/\s+/)].map((word) => word.toLowerCase()));
  for (const file of ['schema/run.schema.json', 'schema/cluster.schema.json']) {
    const text = readFileSync(ownFile(file), 'utf8');
    for (const [, word = ''] of text.matchAll(/"([A-Za-z0-9_-]{1,40})"/g)) words.add(word.toLowerCase());
  }
  for (const event of events) {
    if (event.type === 'planned') for (const { check } of event.verdicts) addParts(words, check);
    else if (event.type === 'facts-collected') for (const { fact } of event.raw) words.add(fact.toLowerCase());
    else if (event.type === 'diagnosis') words.add(event.diagnosis.cause);
  }
  return words;
}

function addParts(words: Set<string>, id: string): void {
  for (const part of [id, ...id.split('/')]) words.add(part.toLowerCase());
}
