import { type LabFault, named } from './fault.ts';

/** The program that serves the pages has ended, and the kernel answers each SYN with RST. */
export const fault: LabFault = {
  id: 'rs-service-down',
  title: 'The web service of a real server is down',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  find: ':',
  apply: 'systemctl stop nginx',
  revert: () => 'systemctl start nginx',
  expect: named('rs-service-down', 'real-server/web-service', 'web'),
};
