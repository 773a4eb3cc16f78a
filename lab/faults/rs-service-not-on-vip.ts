import { type LabFault, named } from './fault.ts';
import { webServer } from './means.ts';

/** The web server is bound to the real server's own address, and packets of VS/DR are for the VIP. */
export const fault: LabFault = {
  id: 'rs-service-not-on-vip',
  title: 'The web service of a real server does not listen on the VIP',
  topologies: ['dr'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...webServer('s/listen 80 /listen 127.0.0.1:80 /'),
  expect: named('rs-service-not-on-vip', 'real-server/web-service', 'web'),
};
