import { expect } from 'chai';
import { reconciliation } from '../../../../checks/traffic/reconciliation.ts';
import { legsOf } from '../../../../checks/triangulation.ts';
import type { EndCounts } from '../../../../lib/model/ends.ts';
import type { LoadResult } from '../../../../lib/model/load-result.ts';
import type { Sampling } from '../../../../lib/model/sampling.ts';
import { aClusterWith, aDirectCluster, aSampling, theEnds } from '../../../builders.ts';
import { finding, judge, type Situation } from '../../../judgement.ts';

const counted = (connections: number): Partial<Sampling> => ({
  counters: aSampling().counters.map((counter, index) => ({ ...counter, connections: index === 0 ? connections : 0 })),
});
const when = (director: number, load: Partial<LoadResult> = {}, situation: Situation = {}) =>
  judge(reconciliation, { ends: ends(director), ...situation, sampling: counted(director), load });
/** rs1 accepted so many, the others none, as the director of `counted` sent them. */
const ends = (accepted: number) =>
  theEnds({ rs1: { counts: { accepted } }, rs2: { counts: { accepted: 0 } }, rs3: { counts: { accepted: 0 } } });

describe('traffic/reconciliation', () => {
  it('passes when both count the same, or differ by less than the stated error', () => {
    expect(judge(reconciliation)).to.deep.include({
      outcome: 'pass',
      found: {
        client: 300,
        director: 300,
        tolerance: 3,
        clientSynRetransmits: 0,
        realServers: {
          rs1: { sent: 100, got: 100, tolerance: 2 },
          rs2: { sent: 100, got: 100, tolerance: 2 },
          rs3: { sent: 100, got: 100, tolerance: 2 },
        },
      },
    });
    expect(when(300).outcome).to.equal('pass');
    expect(when(297).outcome).to.equal('pass');
    expect(when(303).outcome).to.equal('pass');
    expect(when(8, { connections: 10 }).outcome, 'never less than 2').to.equal('pass');
  });

  it('fails when connections never reached IPVS', () => {
    const { outcome, reason } = finding(when(296, { answered: 296 }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1 scheduled 296 of the 300 connections client1 began; 4 never reached IPVS');
  });

  it('says so when they were answered all the same', () => {
    expect(finding(when(10)).reason).to.include('another host answers for the VIP');
  });

  it('warns when others use the VIP', () => {
    const { outcome, reason } = finding(when(350));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('50 more than client1 began');
  });

  it('knows that DR and TUN do not count a connection that goes on in the entry of an earlier one', () => {
    const cluster = aDirectCluster('dr');
    const dr = (scheduled: number, reused: number, inPackets: number, portsReused?: number) => {
      const counters = counted(scheduled).counters?.map((row, index) => ({
        ...row,
        inPackets: index === 0 ? inPackets : 0,
      }));
      return judge(reconciliation, {
        cluster,
        ends: ends(300),
        sampling: { counters: counters ?? [], reused },
        load: portsReused === undefined ? {} : { portsReused },
      });
    };
    const passed = dr(200, 100, 1500);
    expect(passed.outcome).to.equal('pass');
    expect('found' in passed && passed.found).to.deep.include({ director: 200, reused: 100, inPackets: 1500 });
    expect(dr(200, 50, 1500, 50).outcome, 'ports the load itself used before').to.equal('pass');
    const { outcome, reason } = finding(dr(200, 50, 1500));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1 scheduled 200 of the 300 connections client1 began; 100 never reached IPVS');
    expect(dr(200, 100, 1000).outcome, 'too few packets for all').to.equal('fail');
    expect(judge(reconciliation, { sampling: { ...counted(200), reused: 100 } }).outcome, 'NAT').to.equal('fail');
  });

  it('expects ports of entries that were there before the load to be used again, as often as chance has it', () => {
    const dr = (missing: number, entries: number) =>
      judge(reconciliation, {
        cluster: aDirectCluster('dr'),
        ends: ends(2000),
        load: { connections: 2000, answered: 2000, sent: 2000 },
        sampling: {
          reused: 0,
          counters: (counted(2000 - missing).counters ?? []).map((row, index) => ({
            ...row,
            inPackets: index === 0 ? 10_000 : 0,
          })),
          samples: [
            {
              atMs: -100,
              entries,
              costMs: 1,
              counts: [{ destination: '192.168.122.11:80', state: 'FIN_WAIT', entries, stuck: 0 }],
            },
          ],
        },
      });
    // 2000 of 28232 ports, 2000 times: 142, and 36 more.
    expect(dr(160, 2000).outcome).to.equal('pass');
    expect(dr(260, 2000).outcome).to.equal('fail');
    expect(dr(160, 100).outcome).to.equal('fail');
  });

  it('does not expect connections for which the client had no port', () => {
    const load = {
      connections: 300,
      answered: 200,
      failed: 100,
      errors: { rate: 1 / 3, byKind: { 'no-resource': 100 }, examples: [] },
    };
    expect(when(200, load).outcome).to.equal('pass');
  });

  it('cannot tell from counters that stand still, went back or lost a destination, and says which', () => {
    const judged = judge(reconciliation, {
      sampling: { countersProblem: 'counters of rs2 went back: somebody zeroed them' },
    });
    expect(judged.outcome).to.equal('error');
    expect('reason' in judged ? judged.reason : '').to.include('zeroed');
  });

  it('cannot tell without counters, or after an interruption', () => {
    expect(judge(reconciliation, { sampling: { counters: [] } }).outcome).to.equal('error');
    expect(when(300, { stopped: 'interrupted' }).outcome).to.equal('error');
  });

  describe('behind the director', () => {
    const failing: Partial<LoadResult> = {
      answered: 200,
      failed: 100,
      errors: { rate: 1 / 3, byKind: { 'connect-timeout': 100 }, examples: [] },
    };
    const rs2 = (counts: EndCounts, halfOpen = 0) =>
      finding(judge(reconciliation, { load: failing, ends: theEnds({ rs2: { counts, halfOpen } }) }));
    const nothingElse = { accepted: 0, resetsSent: 0, synRetransmits: 0, listenDrops: 0 };

    it('names the real server that saw none of what it was sent', () => {
      const { outcome, reason, found } = rs2({ ...nothingElse, packetsIn: 20, packetsDelivered: 20 });
      expect(outcome).to.equal('fail');
      expect(reason).to.equal(
        'director1 sent rs2 the SYNs of 100 connections, and rs2 completed 0 handshakes: 100 lost between director1 and rs2',
      );
      expect(found).to.have.nested.property('realServers.rs2').that.deep.equals({
        sent: 100,
        got: 0,
        tolerance: 2,
        lost: 100,
        where: 'before',
      });
      expect(found).to.have.nested.property('realServers.rs1').that.deep.equals({ sent: 100, got: 100, tolerance: 2 });
    });

    it('tells packets that came and were dropped on the real server from those that never came', () => {
      const came = { ...nothingElse, packetsIn: 320, packetsDelivered: 20 };
      expect(rs2(came).reason).to.include('lost on rs2 itself: 300 packets came in and never reached TCP');
      expect(rs2({ ...came, reversePathDrops: 300 }).reason).to.include('reverse path filter dropped 300 packets');
      expect(rs2({ ...came, addressErrors: 300 }).reason).to.include('300 packets were for no address of its own');
      expect(rs2({ ...came, packetsForwarded: 300 }).reason).to.include('lost between director1 and rs2');
      expect(rs2({ ...nothingElse, checksumErrors: 300 }).reason).to.include('wrong checksum');
      expect(rs2(nothingElse).reason, 'nothing known of IP').to.include('lost between director1 and the TCP of rs2');
    });

    it('tells a full listener, and answers that were not heard', () => {
      const all = { ...nothingElse, packetsIn: 320, packetsDelivered: 320 };
      expect(rs2({ ...all, listenDrops: 290, listenOverflows: 290 }).reason).to.include(
        'the listener on rs2, which was full',
      );
      expect(rs2({ ...all, synRetransmits: 200 }).reason).to.include('lost on the way back');
      expect(rs2({ ...all }, 100).reason, 'still half open').to.include('half open 100');
    });

    it('finds no loss where connections were refused, or others are in the counters too', () => {
      const refused = theEnds({ rs2: { counts: { accepted: 0, resetsSent: 100 } } });
      expect(judge(reconciliation, { load: failing, ends: refused }).outcome).to.equal('pass');
      const busy = theEnds({ rs2: { counts: { accepted: 5000 } } });
      expect(judge(reconciliation, { ends: busy }).outcome).to.equal('pass');
    });

    it("allows for connections of others that the director's counters took up late", () => {
      const when = (durationMs: number) =>
        judge(reconciliation, {
          load: { durationMs },
          sampling: { counters: aSampling().counters.map((row) => ({ ...row, connections: 1000 })) },
          ends: theEnds({
            rs1: { counts: { accepted: 950 } },
            rs2: { counts: { accepted: 1000 } },
            rs3: { counts: { accepted: 1000 } },
          }),
        });
      expect(when(25_000).outcome, '900 more each in 25 s: 90 in 2.5 s').to.equal('warn');
      expect(when(100_000).outcome).to.equal('fail');
    });

    it('cannot tell where requests were lost while a real server does not say what it got', () => {
      const silent = theEnds().map((end) =>
        end.host === 'rs2' ? { host: 'rs2', role: end.role, problem: 'rs2 is off' } : end,
      );
      const judged = judge(reconciliation, { load: failing, ends: silent });
      expect(judged.outcome).to.equal('error');
      expect('reason' in judged && judged.reason).to.include('rs2 is off');
      expect(judge(reconciliation, { ends: silent }).outcome, 'nothing was lost').to.equal('pass');
    });

    it('counts datagrams with UDP', () => {
      const [service] = aClusterWith({ protocol: 'udp' }).virtualServices;
      if (service === undefined) throw new RangeError('aCluster has a service');
      const udp = (datagrams: number) => ({ counts: { datagrams, packetsIn: 600, packetsDelivered: datagrams } });
      const rs2 = (got: number) =>
        legsOf({
          service,
          director: 'director1',
          client: 300,
          durationMs: 5000,
          sampling: aSampling(),
          ends: theEnds({ rs1: udp(500), rs2: udp(got), rs3: udp(500) }),
        })[1];
      expect(rs2(500)).to.deep.equal({ realServer: 'rs2', sent: 500, got: 500, tolerance: 5 });
      expect(rs2(0)?.gap?.text).to.include('director1 sent 500 packets to rs2, and rs2 took 0: 500 lost on rs2 itself');
    });
  });
});
