import { parseCluster } from '../../../lib/config/load.ts';
import { ConfigError, type ConfigProblem } from '../../../lib/config/problem.ts';

/** A valid VS/NAT cluster file with every section; the tests put one thing wrong in it. */
export const natText = `version: 1
name: web-lvs
environment: preprod
ssh: { user: ops, become: sudo, parallel: 16 }
directors:
  - { name: director1, host: lb1.mgmt, dip: 10.10.10.1, interface: eth1, vip_interface: eth0 }
real_servers:
  - { name: rs1, host: 10.10.10.10, jump: director1, rip: 10.10.10.10, weight: 1 }
  - { name: rs2, host: 10.10.10.20, jump: director1, rip: 10.10.10.20 }
clients:
  - { name: client1, host: localhost, cip: 192.168.122.1 }
dns: [{ name: www.example.com, address: 192.168.122.100 }]
virtual_services:
  - name: web
    vip: 192.168.122.100
    port: 80
    protocol: tcp
    forwarding: nat
    scheduler: rr
    persistence: 0
    real_servers: all
    health: { http: /, expect: 200 }
    identify_by: { header: X-Real-Server }
rules: { managed_by: ipvsadm }
ha: { engine: keepalived, vrid: 51, advert_int: 1s }
checks: { profile: standard, custom: [] }
load: { profiles: { smoke: { mode: ab, requests: 2000, concurrency: 50 } } }
thresholds: [{ load: smoke, metric: errors.rate, max: 0.1% }]
waivers: [{ check: director/ip-forward, hosts: [director1], why: set by hand, expires: 2027-01-31 }]
`;

export const today = '2026-11-22';

/** The problems of a text, none when it is valid. Anything but ConfigError goes through. */
export function problemsOf(text: string, file = 'cluster.yaml'): readonly ConfigProblem[] {
  try {
    parseCluster(text, file, { today });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The part of its line that the caret of a problem underlines. */
export function underlined({ sourceLine, column, length }: ConfigProblem): string {
  return sourceLine.slice(column - 1, column - 1 + length);
}
