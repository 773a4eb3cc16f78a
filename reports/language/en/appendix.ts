/** Changes, inventory, method and limits, glossary, sign-off. */
import { count, plural } from '../../numbers.ts';

export const changes = {
  title: 'Changes to the cluster',
  nothing: 'Nothing was changed on any host.',
  columns: ['Host', 'What', 'Undo', 'Taken back'],
};

export const inventory = {
  title: 'Inventory',
  hosts: 'Hosts',
  hostColumns: ['Host', 'Role', 'Address', 'System', 'Reached'],
  kernel: (version: string) => `kernel ${version}`,
  notContacted: 'not contacted',
  as: (user: string) => `as ${user}`,
  factsIn: (took: string) => `facts in ${took}`,
  services: 'Virtual services',
  serviceColumns: ['Virtual service', 'VIP', 'Method', 'Real servers'],
  weight: (weight: number) => `weight ${count(weight)}`,
};

export const method = {
  title: 'Method and limits',
  stages: 'Time of each stage',
  notApplicable: 'Checks that do not apply here:',
  several: (n: number) => ` (${plural(n, 'check')})`,
  nonePlanned: 'No check was planned.',
  allAnswered: (n: number) => `Each of the ${plural(n, 'planned check')} was answered.`,
  unanswered: (open: number, all: number) =>
    `${plural(open, 'planned check')} of ${count(all)} got no answer and count neither as passed nor as failed.`,
  once: 'Facts of a host were fetched in one round trip and judged afterwards; what changed on a host during the run is not seen.',
  table: (service: string, host: string, resolution: string, lost: string | undefined) =>
    `${service}: the connection table of ${host} was read as a whole: ${resolution}${lost === undefined ? '' : `; ${lost} are without samples and are not filled in`}. States that last less than the interval can go unseen.`,
  times: (service: string, engine: string, cpu: string, delay: string) =>
    `${service}: times are those of the client (engine ${engine}), percentiles to three significant digits. The client used ${cpu} of one CPU, and its own delays were ${delay} at p99: latencies below that are its own.`,
  closedLoop:
    'A new request waits for a free place, so a slow cluster gets fewer requests a second; percentiles are of the requests that were sent.',
  beginnings: 'Only the beginning of long outputs is shown here; run.json beside this file has them whole.',
  clocks: (hosts: number, offset: string, error: string) =>
    `Clocks of ${plural(hosts, 'host')} were measured against the machine that ran this: at most ${offset} from it, known to ± ${error}.`,
  /** Of languages other than that of checks and diagnoses. */
  language: '',
};

export const signOff = {
  title: 'Sign-off',
  roles: ['Tested by', 'Accepted by'],
  columns: ['Name', 'Date', 'Signature'],
  text: (cluster: string, run: string, started: string) => `Cluster ${cluster}, run ${run} of ${started}:`,
  notRestored: ', cluster not restored',
};
