import { expect } from 'chai';
import fc from 'fast-check';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { parseVrrpConf } from '../../../lib/parse/vrrp-conf.ts';
import { conf } from '../../pair-facts.ts';

const read = (text: string, more: Readonly<Record<string, string>> = {}, configId = 'director1') =>
  parseVrrpConf({
    files: new Map([[conf, text], ...Object.entries(more)]),
    main: conf,
    configId,
    readWhole: ['/etc/keepalived/*.conf', '/etc/keepalived/*/*.conf'],
    unreadable: [],
  });

const whole = `! of an operator
global_defs {
    router_id lb1   # ours
    vrrp_version 2
    lvs_sync_daemon eth1 VI_1 id 7 port 8848
}
vrrp_sync_group VG_1 {
    group {
        VI_1
        VI_2
    }
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 0.5
    nopreempt
    unicast_src_ip 10.0.0.1
    unicast_peer { 10.0.0.2 }
    garp_master_refresh 60
    authentication {
        auth_type PASS
        auth_pass "s3cr3t#pw"
    }
    virtual_ipaddress {
        10.0.0.100/24 dev eth0 label eth0:1
        fd00::100
    }
    virtual_ipaddress_excluded { 10.0.0.101/32 }
    some_new_block deep {
        another { word }
    }
}
virtual_server 10.0.0.100 80 {
    sorry_server 10.0.0.9 80
    real_server 10.0.0.11 80 {
        TCP_CHECK { connect_timeout 2 }
        HTTP_GET {
            url { path / }
            connect_ip 10.0.0.100
        }
    }
    real_server 10.0.0.12 80 { weight 1 }
}
`;

describe('VRRP in keepalived.conf', () => {
  it('is read with its lines, past blocks that nobody here knows', () => {
    const { instances, syncGroups, lvsSync, virtualServers, unsure } = read(whole);
    const [one] = instances;
    expect(unsure).to.deep.equal([]);
    expect(one).to.include({
      name: 'VI_1',
      initialState: 'MASTER',
      interface: 'eth0',
      vrid: 51,
      priority: 150,
      line: 13,
    });
    expect(one).to.include({
      advertIntervalMs: 500,
      version: 2,
      nopreempt: true,
      sourceAddress: '10.0.0.1',
      accepts: true,
    });
    expect(one?.unicastPeers).to.deep.equal(['10.0.0.2']);
    expect(one?.addresses).to.deep.equal([
      { path: conf, line: 28, address: '10.0.0.100', prefixLength: 24, interface: 'eth0' },
      { path: conf, line: 29, address: 'fd00::100' },
    ]);
    expect(one?.excluded.map(({ address }) => address)).to.deep.equal(['10.0.0.101']);
    expect(one?.places['virtual_router_id']).to.deep.equal({ path: conf, line: 16 });
    expect(one?.garp).to.deep.equal({ repeat: 5, delayMs: 5000, refreshMs: 60_000, lowerPriorityRepeat: 5 });
    expect(syncGroups).to.deep.equal([{ path: conf, line: 7, name: 'VG_1', members: ['VI_1', 'VI_2'] }]);
    expect(lvsSync).to.deep.equal({ path: conf, line: 5, interface: 'eth1', instance: 'VI_1', id: 7 });
    expect(virtualServers[0]).to.include({ name: '10.0.0.100 80', sorryServer: '10.0.0.9' });
    expect(virtualServers[0]?.realServers.map(({ checks, lookedAt }) => [checks, lookedAt])).to.deep.equal([
      [['TCP_CHECK', 'HTTP_GET'], ['10.0.0.100']],
      [[], []],
    ]);
  });

  it('shows its password to nobody', () => {
    const { instances } = read(whole);
    expect(instances[0]?.authentication?.password?.length).to.equal(9);
    expect(JSON.stringify(instances)).to.include('[redacted]').and.not.include('s3cr3t');
    expect(String(instances[0]?.authentication?.password)).to.equal('[redacted]');
  });

  it('has the defaults of keepalived, those of global_defs first, and what strict mode changes', () => {
    const [plain] = read('vrrp_instance A {\n}\n').instances;
    expect(plain).to.include({
      priority: 100,
      advertIntervalMs: 1000,
      initialState: 'BACKUP',
      accepts: true,
      strict: false,
    });
    const globals = 'global_defs {\n vrrp_strict\n vrrp_version 3\n vrrp_garp_master_repeat 1\n}\n';
    const [strict] = read(`${globals}vrrp_instance A {\n}\n`).instances;
    expect(strict).to.include({ strict: true, accepts: false, version: 3 });
    expect(strict?.garp).to.include({ repeat: 1, lowerPriorityRepeat: 0 });
    expect(read(`${globals}vrrp_instance A {\n accept\n}\n`).instances[0]?.accepts).to.equal(true);
    expect(read(`${globals}vrrp_instance A {\n strict_mode off\n}\n`).instances[0]?.strict).to.equal(false);
    expect(read('vrrp_instance A {\n no_accept\n priority 255\n}\n').instances[0]?.accepts).to.equal(true);
  });

  it('has the sync daemon as 1.2 wrote it, too', () => {
    expect(read('vrrp_instance A {\n lvs_sync_daemon_interface eth2\n}\n').lvsSync).to.include({
      interface: 'eth2',
      instance: 'A',
    });
    expect(read('global_defs {\n lvs_sync_daemon eth0 A 9\n}\n').lvsSync?.id).to.equal(9);
  });

  it('takes the lines of this host alone, and puts values in', () => {
    const text =
      '$PRIO=150\n$IF="eth0"\nvrrp_instance A {\n @director1 priority $PRIO\n @director2 priority 90\n @^director1 nopreempt\n interface ${IF}\n}\n';
    expect(read(text).instances[0]).to.include({ priority: 150, interface: 'eth0', nopreempt: false });
    expect(read(text, {}, 'director2').instances[0]).to.include({ priority: 90, nopreempt: true });
    expect(read('vrrp_instance A {\n priority $NONE\n}\n').unsure).to.deep.equal([
      { path: conf, line: 2, what: '$NONE' },
    ]);
    const several = '$B=virtual_ipaddress { \\\n 10.0.0.1 \\\n}\nvrrp_instance A {\n $B\n}\n';
    expect(read(several).unsure.map(({ line }) => line)).to.deep.equal([1, 5]);
    expect(read('~SEQ(n, 1, 3) vrrp_instance A$n {\n}\n').unsure[0]?.what).to.include('~SEQ');
  });

  it('follows includes by pattern, relative ones and inside a block, and names their lines', () => {
    const more = {
      '/etc/keepalived/conf.d/a.conf': '\nvrrp_instance A {\n include ../vips.conf\n include vips.conf\n}\n',
      '/etc/keepalived/conf.d/b.conf': 'vrrp_instance B {\n}\n',
      '/etc/keepalived/conf.d/vips.conf': 'virtual_ipaddress {\n 10.0.0.7\n}\n',
    };
    const { instances, files } = read('include conf.d/?.conf\n', more);
    expect(instances.map(({ name, path, line }) => [name, path, line])).to.deep.equal([
      ['A', '/etc/keepalived/conf.d/a.conf', 2],
      ['B', '/etc/keepalived/conf.d/b.conf', 1],
    ]);
    expect(instances[0]?.addresses).to.deep.equal([
      { path: '/etc/keepalived/conf.d/vips.conf', line: 2, address: '10.0.0.7' },
    ]);
    expect(files).to.include(conf).and.include('/etc/keepalived/conf.d/vips.conf');
  });

  it('says which file it does not know, and knows that a folder it read has none', () => {
    expect(read('\ninclude /srv/ha/*.conf\n').unsure).to.deep.equal([
      { path: conf, line: 2, what: 'include /srv/ha/*.conf' },
    ]);
    expect(read('include /etc/keepalived/none-*.conf\n').unsure).to.deep.equal([]);
    expect(read('include conf.d/[ab].conf\n').unsure).to.have.length(1);
    const closed = parseVrrpConf({
      files: new Map([[conf, 'include conf.d/*.conf\n']]),
      main: conf,
      configId: '',
      readWhole: ['/etc/keepalived/*/*.conf'],
      unreadable: ['/etc/keepalived/conf.d/a.conf'],
    });
    expect(closed.unsure).to.have.length(1);
  });

  it('refuses what does not close, and files that include each other', () => {
    expect(() => read('vrrp_instance A {\n priority 1\n')).to.throw(ParseError, `${conf}, line 1`);
    expect(() => read('vrrp_instance A {\n}\n}\n')).to.throw(ParseError, 'line 3');
    expect(() => read('vrrp_instance A {\n auth_pass "open\n}\n')).to.throw(ParseError, 'line 2');
    const loop = { '/etc/keepalived/a.conf': 'include b.conf\n', '/etc/keepalived/b.conf': '\ninclude a.conf\n' };
    expect(() => read('include a.conf\n', loop)).to.throw(ParseError, 'includes itself');
    expect(() => read('include keepalived.conf\n')).to.throw(ParseError, 'includes itself');
  });

  it('reads 10,000 lines in the time of a page', () => {
    const servers = Array.from(
      { length: 2500 },
      (_, index) => `real_server 10.0.${index >> 8}.${index & 255} 80 {\n TCP_CHECK {\n }\n}\n`,
    );
    const began = performance.now();
    const { virtualServers } = read(`virtual_server 10.0.0.100 80 {\n${servers.join('')}}\n`);
    expect(virtualServers[0]?.realServers).to.have.length(2500);
    expect(performance.now() - began).to.be.below(3000);
  });

  it('throws nothing but ParseError, whatever it is given', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '"',
      '#',
      '!',
      '\n',
      ' ',
      '@a ',
      '$A=',
      '$A',
      '${A}',
      '~SEQ(x,1,2)',
      'include *',
      'vrrp_instance A',
      '\\',
      'priority 1',
      'virtual_ipaddress',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          read(pieces.join(''));
        } catch (error) {
          expect(error).to.be.instanceOf(ParseError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
