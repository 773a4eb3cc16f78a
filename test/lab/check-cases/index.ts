import type { CheckCase } from './case.ts';
import { cases as clients } from './client.ts';
import { cases as directors } from './director.ts';
import { cases as firewalls } from './firewall.ts';
import { cases as persistence } from './persistence.ts';
import { cases as realServers } from './real-server.ts';

export const cases: readonly CheckCase[] = [...directors, ...realServers, ...clients, ...firewalls, ...persistence];
