import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { webServer } from './means.ts';

const common = {
  topologies: ['dr', 'dr-routed', 'tun'],
  targets: 'real-server',
  expect: named('rs-service-not-on-vip', 'real-server/web-service', ofWeb),
} as const satisfies Partial<LabFault>;

/** The web server is bound to another address of the real server, and packets of VS/DR and VS/TUN are for the VIP. */
export const faults = labFaults(
  'rs-service-not-on-vip',
  {
    ...common,
    title: 'The web service of a real server does not listen on the VIP',
    ...webServer('s/listen 80 /listen 127.0.0.1:80 /'),
  },
  {
    ...common,
    way: 'rip',
    title: "The web service of a real server listens on that one's own address alone",
    ...webServer('s/listen 80 /listen $address:80 /'),
  },
);
