import { expect } from 'chai';

import { checks } from '../../../checks/index.ts';
import type { Check, Scope } from '../../../lib/model/check.ts';
import { subjectsOf } from '../../../suites/subjects.ts';
import { aCluster, aRealServer, aService } from '../../builders.ts';

const [sample] = checks;
const scoped = (scope: Scope): Check => {
  if (sample === undefined) throw new RangeError('there are checks');
  return { ...sample, scope };
};
const names = (scope: Scope, cluster = aCluster()) =>
  subjectsOf(cluster, scoped(scope)).map((subject) =>
    'service' in subject ? `${subject.host.name}/${subject.service.name}` : subject.host.name,
  );

describe('suites/subjects', () => {
  it('has a subject for each host, role, and host of a service', () => {
    expect(names('host')).to.deep.equal(['director1', 'rs1', 'rs2', 'rs3', 'client1']);
    expect(names('director')).to.deep.equal(['director1']);
    expect(names('real-server')).to.deep.equal(['rs1', 'rs2', 'rs3']);
    expect(names('client')).to.deep.equal(['client1']);
    expect(names('director-service')).to.deep.equal(['director1/web']);
    expect(names('client-service')).to.deep.equal(['client1/web']);
    expect(names('real-server-service')).to.deep.equal(['rs1/web', 'rs2/web', 'rs3/web']);
    expect(names('service')).to.deep.equal(['director1/web']);
  });

  it('pairs a real server with the services it is a destination of, and no other', () => {
    const [one, two] = [aRealServer(1), aRealServer(2)];
    const cluster = aCluster({
      realServers: [one, two],
      virtualServices: [aService([one, two]), aService([two], { name: 'api', port: 8080 })],
    });
    expect(names('real-server-service', cluster)).to.deep.equal(['rs1/web', 'rs2/web', 'rs2/api']);
  });

  it('has no service under load without a client', () => {
    expect(names('service', aCluster({ clients: [] }))).to.deep.equal([]);
  });
});
