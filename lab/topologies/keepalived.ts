/** keepalived.conf of two directors that stand in for each other (keepalived.conf(5)). Pure text. */
import type { LabHostSpec } from '../hosts/host.ts';

export const VRID = 51;
export const ADVERT_INT_S = 1;

/** A floating address, as one instance of VRRP looks after it. */
interface Instance {
  readonly name: string;
  readonly interface: string;
  readonly vrid: number;
  /** With prefix length. */
  readonly address: string;
}

export interface DirectorPair {
  readonly instances: readonly [Instance, ...Instance[]];
  /** Carries the messages of the connection sync. */
  readonly syncInterface: string;
  readonly vip: string;
  readonly lbKind: 'DR' | 'NAT';
  readonly realServers: readonly string[];
}

/**
 * The first director is to be master. Every real server is checked by a connection and by a page; when none answers, the
 * director's own web server does, under its DIP. Instances that only make sense together are in one group.
 */
export function keepalivedConf(
  { instances, syncInterface, vip, lbKind, realServers }: DirectorPair,
  { name, dip, master }: { readonly name: string; readonly dip: string; readonly master: boolean },
): LabHostSpec['files'][number] {
  const [first] = instances;
  const lines = [
    'global_defs {',
    `    router_id ${name}`,
    `    lvs_sync_daemon ${syncInterface} ${first.name} id ${VRID}`,
    '}',
    '',
    ...(instances.length > 1
      ? ['vrrp_sync_group VG_1 {', '    group {', ...instances.map((one) => `        ${one.name}`), '    }', '}', '']
      : []),
    ...instances.flatMap((one) => [
      `vrrp_instance ${one.name} {`,
      `    state ${master ? 'MASTER' : 'BACKUP'}`,
      `    interface ${one.interface}`,
      `    virtual_router_id ${one.vrid}`,
      `    priority ${master ? 150 : 100}`,
      `    advert_int ${ADVERT_INT_S}`,
      '    virtual_ipaddress {',
      `        ${one.address} dev ${one.interface}`,
      '    }',
      '}',
      '',
    ]),
    `virtual_server ${vip} 80 {`,
    '    delay_loop 2',
    '    lb_algo rr',
    `    lb_kind ${lbKind}`,
    '    protocol TCP',
    `    sorry_server ${dip} 80`,
    ...realServers.flatMap((address) => [
      `    real_server ${address} 80 {`,
      '        weight 1',
      '        TCP_CHECK {',
      '            connect_timeout 2',
      '        }',
      '        HTTP_GET {',
      '            url {',
      '                path /',
      '                status_code 200',
      '            }',
      '            connect_timeout 2',
      '            retry 1',
      '            delay_before_retry 1',
      '        }',
      '    }',
    ]),
    '}',
  ];
  return { path: '/etc/keepalived/keepalived.conf', mode: 0o640, content: lines.map((line) => `${line}\n`).join('') };
}
