import { expect } from 'chai';
import { healthChecks } from '../../../../checks/ha/health-checks.ts';
import { type CheckedServer, missing } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const { keepalivedConf } = factsOf(cluster, hostNamed(cluster, 'director1'));
const servers = (change: Partial<CheckedServer>) =>
  confWith(
    cluster,
    'director1',
    {},
    {
      virtualServers: keepalivedConf.virtualServers.map((service) => ({
        ...service,
        realServers: service.realServers.map((one) => ({ ...one, ...change })),
      })),
    },
  );
const bare = {
  rs2: {
    addresses: factsOf(cluster, hostNamed(cluster, 'rs2')).addresses.filter(
      ({ address }) => address !== '192.168.122.100',
    ),
  },
};

describe('ha/health-checks', () => {
  it('passes where each has one', () => {
    expect(pairJudged(healthChecks).outcome).to.equal('pass');
  });

  it('warns of real servers without one', () => {
    const { reason, faults } = finding(pairJudged(healthChecks, { director1: servers({ checks: [] }) }));
    expect(reason).to.include('192.168.122.11').and.include('have no check');
    expect(faults).to.deep.equal(['healthcheck-absent']);
  });

  it('warns where a real server lost the VIP behind a check of its RIP', () => {
    const { reason, faults, culprits } = finding(pairJudged(healthChecks, bare));
    expect(reason).to.include('looks at 192.168.122.12 and not at the VIP 192.168.122.100, which rs2 does not have');
    expect(faults).to.deep.equal(['healthcheck-false-positive']);
    expect(culprits).to.deep.equal(['rs2']);
  });

  it('leaves a script, a check of the VIP and a real server that says nothing alone', () => {
    expect(pairJudged(healthChecks, { ...bare, director1: servers({ checks: ['MISC_CHECK'] }) }).outcome).to.equal(
      'pass',
    );
    expect(
      pairJudged(healthChecks, { ...bare, director1: servers({ lookedAt: ['192.168.122.100'] }) }).outcome,
    ).to.equal('pass');
    expect(pairJudged(healthChecks, { rs2: { addresses: missing('unreachable', 'rs2 is gone') } }).outcome).to.equal(
      'pass',
    );
  });

  it('does not apply without a virtual_server or a pair, and cannot tell past what is not known', () => {
    expect(pairJudged(healthChecks, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(judge(healthChecks).outcome).to.equal('not-applicable');
    expect(pairJudged(healthChecks, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});
