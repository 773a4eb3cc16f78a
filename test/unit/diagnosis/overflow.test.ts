/** What found no room, by the counter of what was dropped for that. */
import { expect } from 'chai';

import { diagnose } from '../../../lib/diagnosis/diagnose.ts';
import type { FaultId } from '../../../lib/model/fault-id.ts';
import type { EndCounts } from '../../../lib/model/ends.ts';
import { clusterOf, found, inputOf, observationOf, underLoad } from './scene.ts';

const cluster = clusterOf('dr');
const silent = { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 } as const;
const loaded = (host: string, counts: EndCounts | undefined) => ({
  ...observationOf(cluster, { rs2: silent }),
  ends: [{ host, role: 'real-server' as const, ...(counts === undefined ? { problem: 'silent' } : { counts }) }],
});
const named = (host: string, counts: EndCounts | undefined, ...faults: readonly FaultId[]) =>
  diagnose(
    inputOf(
      cluster,
      [...faults.map((fault) => found(host, [fault], { outcome: 'warn' })), underLoad('traffic/requests')],
      loaded(host, counts),
    ),
  ).map(({ cause, host: on, certainty }) => `${cause} ${on ?? ''} ${certainty}`);

describe('no room under load', () => {
  it('is named of a real server by the counter that says so, though nothing was found beforehand', () => {
    expect(named('rs2', { conntrackDrops: 250 })).to.deep.equal(['rs-conntrack-full rs2 certain']);
    expect(named('rs2', { listenOverflows: 50 })).to.deep.equal(['rs-accept-queue-overflow rs2 certain']);
    expect(named('rs2', { requestQueueDrops: 50 })).to.deep.equal(['rs-syn-backlog-overflow rs2 certain']);
  });

  it('is not named by a counter that moved less than connections were lost, nor of another real server', () => {
    expect(named('rs2', { conntrackDrops: 49, listenOverflows: 1 })).to.deep.equal([]);
    expect(named('rs1', { conntrackDrops: 250 })).to.deep.equal([]);
  });

  for (const [fault, host] of [
    ['rs-conntrack-full', 'rs2'],
    ['director-conntrack-full', 'director1'],
  ] as const) {
    it(`${fault}: a table that is nearly full is no cause where it dropped nothing, and possible where that is not known`, () => {
      expect(named(host, { conntrackDrops: 0 }, fault)).to.deep.equal([]);
      expect(named(host, undefined, fault).filter((one) => !one.endsWith('possible'))).to.deep.equal([]);
    });
  }

  it('director-conntrack-full is believed where packets were dropped for it', () => {
    const unseen = { ...silent, state: 'none' };
    const observation = {
      ...observationOf(cluster, { rs1: unseen, rs2: unseen, rs3: unseen }),
      ends: [{ host: 'director1', role: 'director' as const, counts: { conntrackDrops: 9 } }],
    };
    const verdicts = [
      found('director1', ['director-conntrack-full'], { outcome: 'warn' }),
      underLoad('traffic/requests'),
    ];
    const [first] = diagnose(inputOf(cluster, verdicts, observation));
    expect(first).to.include({ cause: 'director-conntrack-full', host: 'director1', certainty: 'likely' });
  });
});
