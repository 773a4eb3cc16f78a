import { expect } from 'chai';
import { linesOf, screenOf } from '../../../cli/watch-text.ts';
import type { LiveDestination, LiveTable } from '../../../lib/sampling/live.ts';

const destination = (change: Partial<LiveDestination> = {}): LiveDestination => ({
  destination: '10.10.10.20:80',
  realServer: 'rs2',
  weight: 1,
  active: 12,
  inactive: 30,
  states: { TIME_WAIT: 30, SYN_RECV: 12 },
  stuck: 7,
  resent: 3,
  synced: 0,
  ...change,
});

const live = (change: Partial<LiveTable> = {}): LiveTable => ({
  host: 'director1',
  at: '2026-01-01T10:00:00.000Z',
  extent: 'whole',
  rows: 42,
  size: 42,
  costShare: 0.0123,
  services: [{ service: 'web', destinations: [destination()] }],
  ...change,
});

describe('what watch shows', () => {
  it('is one line for each real server, SYN_RECV first', () => {
    expect(linesOf(live())).to.equal(
      '2026-01-01T10:00:00.000Z director1 web rs2 10.10.10.20:80 active 12 inactive 30 SYN_RECV 12 TIME_WAIT 30 stuck 7 resent 3\n',
    );
  });

  it('says on each line what was not read', () => {
    const states = destination({ states: {}, stuck: 0, resent: 0, synced: 9 });
    const services = [{ service: 'web', destinations: [states] }];
    expect(linesOf(live({ extent: 'part', rows: 5000, size: 500_000, services }))).to.contain(
      'from peers 9 (5000 of about 500000 read)',
    );
    expect(linesOf(live({ extent: 'levels', rows: 0, size: 500_000, services }))).to.contain('(500000 not read)');
  });

  it('does not take a real server that is gone for one without connections', () => {
    const gone: LiveDestination = { destination: '10.10.10.40:80', states: {}, stuck: 0, resent: 0, synced: 0 };
    expect(linesOf(live({ services: [{ service: 'web', destinations: [gone] }] }))).to.contain('active - inactive -');
  });

  it('is a table on a terminal, with rates, cost, and what is missing', () => {
    const perSecond = { connections: 120, inPackets: 900, outPackets: 800, inBytes: 0, outBytes: 0 };
    const screen = screenOf([live({ perSecond })], new Map([['director2', 'director2: no route']]));
    expect(screen).to.contain('42 entries · 120 connections/s, 900 packets/s in, 800 out · cost 1.2% of a CPU');
    expect(screen).to.match(/SERVICE +REAL SERVER +WEIGHT +ACTIVE +INACTIVE +SYN_RECV +TIME_WAIT +STUCK +RESENT/);
    expect(screen).to.match(/web +rs2 10\.10\.10\.20:80 +1 +12 +30 +12 +30 +7 +3/);
    expect(screen).to.contain('director2: no route');
    expect(screenOf([live()], new Map([['director1', 'connection lost']]))).to.contain(
      'nothing since 2026-01-01T10:00:00.000Z: connection lost',
    );
    expect(screenOf([live({ extent: 'part', rows: 5000, size: 500_000 })], new Map())).to.contain(
      'about 500000 entries: too many to read, states are of 5000 of them',
    );
  });

  it('shows nothing that a terminal would obey', () => {
    const evil = destination({ realServer: 'rs\u001B[2J' });
    expect(screenOf([live({ services: [{ service: 'web', destinations: [evil] }] })], new Map())).not.to.contain(
      '\u001B',
    );
    expect(linesOf(live({ services: [{ service: 'web', destinations: [evil] }] }))).not.to.contain('\u001B');
  });
});
