import { expect } from 'chai';
import { syncDaemon } from '../../../../checks/ha/sync-daemon.ts';
import { type ConnectionSync, missing } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aNatPair, aPair } from '../../../pair-facts.ts';
import { nowhere, pairJudged } from './pair.ts';

type Daemon = ConnectionSync['daemons'][number];
const daemon = (role: Daemon['role'], id = 51, on = 'eth0'): Daemon => ({ role, interface: on, id });
const with_ = (first: readonly Daemon[], second: readonly Daemon[], cluster = aPair()) =>
  pairJudged(
    syncDaemon,
    { director1: { connectionSync: { daemons: first } }, director2: { connectionSync: { daemons: second } } },
    cluster,
  );

describe('ha/sync-daemon', () => {
  it('passes where one sends and the other takes, where both do both, and with id 0', () => {
    expect(pairJudged(syncDaemon).outcome).to.equal('pass');
    const both = [daemon('master'), daemon('backup')];
    expect(with_(both, both).outcome).to.equal('pass');
    expect(with_([daemon('master')], [daemon('backup', 0)]).outcome).to.equal('pass');
  });

  it('warns where none runs, although it is configured or not', () => {
    const { reason, faults, culprits } = finding(with_([daemon('master')], []));
    expect(reason).to.include('No sync daemon runs on director2, although director2 has lvs_sync_daemon');
    expect(faults).to.deep.equal(['sync-daemon-missing']);
    expect(culprits).to.deep.equal(['director2']);
    const bare = { ...nowhere, connectionSync: { daemons: [] } };
    expect(finding(pairJudged(syncDaemon, { director1: bare, director2: bare })).reason).to.not.include('although');
  });

  it('warns of another id, the wrong way round, another network', () => {
    expect(finding(with_([daemon('master', 5)], [daemon('backup', 6)])).faults).to.deep.equal(['sync-id-mismatch']);
    const turned = finding(with_([daemon('backup')], [daemon('master')]));
    expect(turned.faults).to.deep.equal(['sync-direction-wrong']);
    expect(turned.reason).to.include('director1, which is active');
    expect(finding(with_([daemon('master')], [daemon('master')])).culprits).to.deep.equal(['director2']);
    const nets = with_([daemon('master', 51, 'eth0')], [daemon('backup', 51, 'eth1')], aNatPair());
    expect(finding(nets).faults).to.deep.equal(['sync-transport-blocked']);
  });

  it('cannot tell without the answer of one, and does not apply without one owner of the VIP', () => {
    const gone = { connectionSync: missing('permission', 'sudo refuses ops') };
    expect(pairJudged(syncDaemon, { director2: gone }))
      .to.have.property('reason')
      .that.includes('sudo refuses ops');
    expect(pairJudged(syncDaemon, { director1: { addresses: [] } }).outcome).to.equal('not-applicable');
    expect(judge(syncDaemon).outcome).to.equal('not-applicable');
  });
});
