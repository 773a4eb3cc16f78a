import { labFaults, namedIfFelt } from './fault.ts';
import { added } from './means.ts';

const run = '/run/ipvet-lab-other-cluster';
const conf = [
  'vrrp_instance OTHER {',
  'state BACKUP',
  'interface eth0',
  'virtual_router_id 51',
  'priority 120',
  'advert_int 1',
  'virtual_ipaddress {',
  '192.168.122.201/32 dev eth0',
  '}',
  '}',
];

/** Each takes the adverts of the other for broken, throws them away, and is master of its own address. */
export const faults = labFaults('vrrp-vrid-collision', {
  title: 'Another cluster on the segment has the same virtual router id',
  topologies: ['ha', 'ha-nat'],
  targets: 'infrastructure',
  ...added(
    [
      `printf '%s\\n' ${conf.map((line) => `'${line}'`).join(' ')} > ${run}.conf`,
      `keepalived --vrrp --use-file ${run}.conf --pid ${run}.pid --vrrp_pid ${run}.vrrp.pid`,
      'sleep 8',
    ],
    [`kill $(cat ${run}.pid)`, `rm ${run}.conf`, 'sleep 2'],
  ),
  expect: namedIfFelt('vrrp-vrid-collision', 'ha/adverts-taken', { on: 'director1', blamed: 'director1' }),
});
