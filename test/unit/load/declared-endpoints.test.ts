import { expect } from 'chai';

import { IpvetError } from '../../../lib/errors.ts';
import { declaredEndpoints, requireDeclared } from '../../../lib/load/declared-endpoints.ts';
import { aCluster } from '../../builders.ts';

describe('where load may go', () => {
  it('is every VIP and real server of the cluster file with its port', () => {
    const cluster = aCluster();
    const [service] = cluster.virtualServices;
    const declared = declaredEndpoints(cluster);
    expect(declared).to.include(`${service?.vip ?? ''}:${service?.port ?? 0}`);
    expect(declared).to.have.length(1 + (service?.destinations.length ?? 0));
    for (const { realServer, port } of service?.destinations ?? [])
      expect(declared).to.include(`${realServer.rip}:${port}`);
  });

  it('is nowhere else: not another port, another spelling, the director or the client', () => {
    const cluster = aCluster();
    const declared = declaredEndpoints(cluster);
    const [{ vip, port } = { vip: '', port: 0 }] = cluster.virtualServices;
    expect(() => {
      requireDeclared(vip, port, declared);
    }).to.not.throw();
    for (const [address, at] of [
      [vip, port + 1],
      [cluster.directors[0]?.dip ?? '', port],
      [cluster.clients[0]?.cip ?? '', port],
      ['169.254.169.254', 80],
      ['', 0],
    ] as const) {
      expect(() => {
        requireDeclared(address, at, declared);
      })
        .to.throw(IpvetError, /is no address of the cluster file/)
        .that.includes({ code: 'REFUSED' });
    }
    expect(() => {
      requireDeclared(vip, port, []);
    }).to.throw(IpvetError, /load goes nowhere else/);
  });

  it('knows an IPv6 address in every spelling', () => {
    const declared = ['[2001:db8::1]:80'];
    for (const address of ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001'])
      expect(() => {
        requireDeclared(address, 80, declared);
      }).to.not.throw();
  });
});
