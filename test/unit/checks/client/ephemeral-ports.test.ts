import { expect } from 'chai';
import { ephemeralPorts } from '../../../../checks/client/ephemeral-ports.ts';
import type { LoadProfile } from '../../../../lib/model/cluster.ts';
import { aCluster, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (ports: readonly [number, number], ...profiles: readonly Partial<LoadProfile>[]) =>
  judge(ephemeralPorts, {
    cluster: aCluster({ loadProfiles: profiles.map(aProfile) }),
    facts: { client1: { limits: { openFiles: 1024, ephemeralPorts: ports } } },
  });

describe('client/ephemeral-ports', () => {
  it('passes when every connection can have its own', () => {
    expect(when([32768, 60999], { requests: 2000 })).to.deep.include({
      outcome: 'pass',
      found: { first: 32768, last: 60999, ports: 28232 },
    });
    expect(when([40000, 40009], { requests: 10, concurrency: 10 }).outcome, 'exactly enough').to.equal('pass');
  });

  it('warns when connections outnumber ports', () => {
    const { outcome, reason, remedy } = finding(when([40000, 40009], { requests: 11, concurrency: 5 }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('10 source ports (40000 to 40009)').and.include('11 connections');
    expect(remedy?.commands).to.deep.equal(["sysctl -w 'net.ipv4.ip_local_port_range=1024 65535'"]);
    expect(remedy?.persistent).to.deep.equal([
      "echo 'net.ipv4.ip_local_port_range=1024 65535' >> /etc/sysctl.d/99-lvs.conf",
    ]);
    expect(remedy?.undo?.[0]).to.equal("sysctl -w 'net.ipv4.ip_local_port_range=40000 40009'");
  });

  it('fails when not even those held at once have one', () => {
    expect(when([40000, 40009], { requests: 20, concurrency: 11 }).outcome).to.equal('fail');
  });

  it('counts what keep-alive needs: its concurrency', () => {
    expect(when([40000, 40009], { mode: 'keepalive', requests: 100_000, concurrency: 8 }).outcome).to.equal('pass');
  });

  it('does not apply without load', () => {
    expect(when([32768, 60999]).outcome).to.equal('not-applicable');
  });
});
