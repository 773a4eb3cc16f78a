import { labFaults, named, ofWeb } from './fault.ts';
import { added, webServer } from './means.ts';

const all = ['nat', 'dr', 'dr-routed', 'tun', 'dr-v6'];

/** No program listens on the port, and the kernel answers each SYN with RST. */
export const faults = labFaults(
  'rs-service-down',
  {
    title: 'The web service of a real server is down',
    topologies: all,
    targets: 'real-server',
    ...added(['systemctl stop nginx'], ['systemctl start nginx']),
    expect: named('rs-service-down', 'real-server/web-service', ofWeb),
  },
  {
    way: 'other-port',
    title: 'The web service of a real server listens on another port',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server',
    ...webServer('s/listen 80 /listen 8080 /'),
    expect: named('rs-service-down', 'real-server/web-service', ofWeb),
  },
);
