import { expect } from 'chai';
import { directorState, judged, weighed } from '../../../lib/run/failover/state.ts';
import { WatchReader } from '../../../lib/run/failover/watch.ts';
import { aRealServer, aService } from '../../builders.ts';

const service = aService([aRealServer(1), aRealServer(2)]);
const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A87A64:0050 rr
  -> 0A0A0A14:0050      Route   1      0          0
  -> 0A0A0A0A:0050      Route   1      3          9
`;
const said = (keepalived: string, addresses: readonly string[], rows = table) =>
  `@keepalived ${keepalived}\n@addresses\n${addresses.map((one) => `2: eth0    inet ${one} scope global eth0\\\n`).join('')}@table\n${rows}`;
const master = directorState('director1', said('active', ['192.168.122.10/24', '192.168.122.100/32']), service);
const backup = directorState('director2', said('active', ['192.168.122.9/24']), service);

describe('whether a pair of directors is stable', () => {
  it('is when one has the VIP, keepalived runs on both and both have every real server', () => {
    expect(master).to.deep.equal({
      name: 'director1',
      keepalived: 'active',
      hasVip: true,
      destinations: ['10.10.10.10:80', '10.10.10.20:80'],
    });
    expect(judged([master, backup], service)).to.deep.include({ owner: 'director1', unstable: [] });
  });

  it('is not with two owners of the VIP, or none', () => {
    const both = judged([master, { ...backup, hasVip: true }], service);
    expect(both.owner).to.equal(undefined);
    expect(both.unstable).to.deep.equal(['director1 and director2 all have the VIP 192.168.122.100']);
    expect(judged([backup], service).unstable).to.deep.equal(['no director has the VIP 192.168.122.100']);
  });

  it('is not while keepalived is away or a real server is out of a table', () => {
    const broken = directorState(
      'director2',
      said('failed', [], table.replace('Route   1      3', 'Route   0      3')),
      service,
    );
    expect(judged([master, broken], service).unstable).to.deep.equal([
      'keepalived on director2 is failed',
      'director2 has 1 of 2 real servers of web in its table',
    ]);
  });

  it('takes half an answer for none', () => {
    expect(() => directorState('director1', '@keepalived active\n@addresses\n', service)).to.throw(
      /director1 does not tell/,
    );
    expect(weighed('')).to.deep.equal([]);
  });
});

describe('what a director is seen to do', () => {
  const reader = () => new WatchReader('director2', '192.168.122.100', { offsetMs: 50, errorMs: 20 });

  it('is told by this machine’s clock, with what is not known of it', () => {
    const { entries, line } = bound(reader());
    line('[2026-11-29T17:00:00.250000] 2: eth0    inet 192.168.122.100/32 scope global eth0\\       valid_lft forever');
    line(
      '[2026-11-29T17:00:02.250000] Deleted 2: eth0    inet 192.168.122.100/32 scope global eth0\\  valid_lft forever',
    );
    line('[2026-11-29T17:00:03.000000] 2: eth0    inet 192.168.122.9/24 scope global eth0\\       valid_lft forever');
    line('[2026-11-29T17:00:03.000000] 1: lo    inet 192.168.122.100/32 scope global lo\\       valid_lft forever');
    const atMs = Date.parse('2026-11-29T17:00:00.200Z');
    expect(entries).to.deep.equal([
      { atMs, errorMs: 20, host: 'director2', kind: 'vip-added', value: '192.168.122.100' },
      { atMs: atMs + 2000, errorMs: 20, host: 'director2', kind: 'vip-removed', value: '192.168.122.100' },
    ]);
  });

  it('has its table told when it changes, and not each time it is looked at', () => {
    const { entries, line } = bound(reader());
    const look = (second: number, synced: string, rows: string) => {
      for (const each of [`@table ${second}.000000000 ${synced}`, ...rows.split('\n'), '@end']) line(each);
    };
    look(100, '7', table);
    look(101, '7', table);
    look(102, '9', table.replace(/.*0A0A0A14.*\n/, ''));
    look(103, '11', '');
    expect(entries.map(({ atMs, kind, value }) => `${atMs} ${kind} ${value}`)).to.deep.equal([
      '99950 synced-entries 7',
      '99950 destinations 10.10.10.10:80 10.10.10.20:80',
      '101950 synced-entries 9',
      '101950 destinations 10.10.10.10:80',
      '102950 destinations ',
    ]);
  });

  it('is not disturbed by words it does not know', () => {
    const { entries, line } = bound(reader());
    for (const each of [
      '',
      'Dump terminated',
      '[no time] 2: eth0    inet 192.168.122.100/32 scope global eth0\\',
      '@end',
    ])
      line(each);
    expect(entries).to.deep.equal([]);
  });
});

const bound = (one: WatchReader) => ({
  entries: one.entries,
  line: (text: string) => {
    one.line(text);
  },
});
