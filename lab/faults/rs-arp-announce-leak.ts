import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { kernelSettings, speaking, together } from './means.ts';

const common = {
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  expect: named('rs-arp-announce-leak', 'real-server/arp-announcement', ofWeb),
} as const satisfies Partial<LabFault>;
const announcing = (value: number) =>
  together(
    kernelSettings({ 'net.ipv4.conf.all.arp_announce': value, 'net.ipv4.conf.eth0.arp_announce': 0 }),
    // The router, and the client where it is on the segment.
    ...['192.168.122.254', '192.168.122.1'].map((asked) => speaking('192.168.122.100', asked)),
  );

/** The real server asks for its gateway or its client in the name of the VIP, and whoever is asked remembers that. */
export const faults = labFaults(
  'rs-arp-announce-leak',
  { ...common, title: 'A real server asks its neighbours in the name of the VIP', ...announcing(0) },
  { ...common, way: 'level-1', title: 'A real server keeps the VIP out of its questions by halves', ...announcing(1) },
);
