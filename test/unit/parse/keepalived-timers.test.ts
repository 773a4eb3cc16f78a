import { expect } from 'chai';
import { parseKeepalivedTimers } from '../../../lib/parse/keepalived-timers.ts';

const conf = `global_defs { vrrp_version 3 }
vrrp_instance VI_1 {
    priority 100
    advert_int 0.5   # half a second
    version 2
    nopreempt
    preempt_delay 30
    virtual_ipaddress {
        192.168.122.100/32 dev eth0
        192.168.122.101
    }
}
vrrp_instance VI_2 { virtual_router_id 52 }
virtual_server 192.168.122.100 80 {
    delay_loop 3
    real_server 10.10.10.10 80 {
        TCP_CHECK { connect_timeout 2 }
        HTTP_GET {
            connect_timeout 2
            retry 3
            delay_before_retry 2
        }
    }
    real_server 10.10.10.20 80 { weight 1 }
    real_server 10.10.10.30 80 { SSL_GET { nb_get_retry 2 } }
}
`;

describe('parse/keepalived-timers', () => {
  const { instances, checks } = parseKeepalivedTimers(conf);

  it('reads what settles a takeover, with the defaults of keepalived', () => {
    expect(instances).to.deep.equal([
      {
        name: 'VI_1',
        addresses: ['192.168.122.100', '192.168.122.101'],
        vrrp: { priority: 100, advertIntMs: 500, version: 2, nopreempt: true, preemptDelayMs: 30_000 },
      },
      {
        name: 'VI_2',
        addresses: [],
        vrrp: { priority: 100, advertIntMs: 1000, version: 3, nopreempt: false, preemptDelayMs: 0 },
      },
    ]);
  });

  it('has a director that begins as MASTER take the VIP back at once, as keepalived does', () => {
    const master = parseKeepalivedTimers(conf.replace('priority 100', 'state MASTER\n    priority 100'));
    expect(master.instances[0]?.vrrp).to.include({ nopreempt: false, preemptDelayMs: 0 });
    const backup = parseKeepalivedTimers(conf.replace('priority 100', 'state BACKUP\n    priority 100'));
    expect(backup.instances[0]?.vrrp).to.include({ nopreempt: true, preemptDelayMs: 30_000 });
  });

  it('has for each real server the check that finds out first, and none for one that has none', () => {
    expect([...checks]).to.deep.equal([
      ['10.10.10.10 80', { delayLoopMs: 3000, connectTimeoutMs: 2000, retries: 1, delayBeforeRetryMs: 1000 }],
      ['10.10.10.30 80', { delayLoopMs: 3000, connectTimeoutMs: 5000, retries: 2, delayBeforeRetryMs: 1000 }],
    ]);
  });

  it('is empty of an empty file, and refuses one that does not end', () => {
    expect(parseKeepalivedTimers('')).to.deep.equal({ instances: [], checks: new Map() });
    expect(() => parseKeepalivedTimers('vrrp_instance VI_1 {')).to.throw(/keepalived.conf, line 1/);
  });
});
