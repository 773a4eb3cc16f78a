import { labFaults, named, namedIfFelt } from './fault.ts';
import { added, type Means } from './means.ts';

const run = '/run/ipvet-lab-other-cluster';

/** A director of another cluster, with this priority and this address. */
const otherCluster = (priority: number, address: string): Means => {
  const conf = [
    'vrrp_instance OTHER {',
    'state BACKUP',
    'interface eth0',
    'virtual_router_id 51',
    `priority ${priority}`,
    'advert_int 1',
    'virtual_ipaddress {',
    `${address} dev eth0`,
    '}',
    '}',
  ];
  return added(
    [
      `printf '%s\\n' ${conf.map((line) => `'${line}'`).join(' ')} > ${run}.conf`,
      `keepalived --vrrp --use-file ${run}.conf --pid ${run}.pid --vrrp_pid ${run}.vrrp.pid`,
      'sleep 8',
    ],
    [`kill $(cat ${run}.pid)`, `rm ${run}.conf`, 'sleep 6'],
  );
};

const topologies = ['ha', 'ha-nat'] as const;
const targets = 'infrastructure';

export const faults = labFaults(
  'vrrp-vrid-collision',
  // Each takes the adverts of the other for broken, throws them away, and is master of its own address.
  {
    title: 'Another cluster on the segment has the same virtual router id',
    topologies,
    targets,
    ...otherCluster(120, '192.168.122.201/32'),
    expect: namedIfFelt('vrrp-vrid-collision', 'ha/adverts-taken', { on: 'director1', blamed: 'director1' }),
  },
  // As a copy of the whole cluster does, made for a test: both directors are backups of it.
  {
    way: 'copy',
    title: 'Another cluster has the same virtual router id and the same VIP, and a higher priority',
    topologies,
    targets,
    ...otherCluster(200, '192.168.122.100/32'),
    expect: (_host, topology) => named('vrrp-vrid-collision', 'ha/vip-holder')('director1', topology),
  },
);
