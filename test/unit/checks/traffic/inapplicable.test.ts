import { expect } from 'chai';
import { trafficChecks } from '../../../../checks/traffic/index.ts';
import { aClusterWith } from '../../../builders.ts';
import { judge } from '../../../judgement.ts';

describe('checks under load', () => {
  for (const check of trafficChecks)
    it(`${check.id} has no business with a service that is not TCP`, () => {
      for (const protocol of ['udp', 'sctp'] as const) {
        const judgement = judge(check, { cluster: aClusterWith({ protocol }) });
        expect(judgement).to.include({ outcome: 'not-applicable' });
        expect('reason' in judgement && judgement.reason).to.include(`web is ${protocol}`);
      }
      // A firewall mark is one way to take the packets, and the clients' are the same.
      expect(judge(check, { cluster: aClusterWith({ fwmark: 7 }) }).outcome).to.equal(judge(check, {}).outcome);
    });
});
