import { expect } from 'chai';
import { hostsFile } from '../../../../checks/network/hosts-file.ts';
import { type HostsFileEntry, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirector, aRealServer, dip } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const localhost: HostsFileEntry = { address: '127.0.0.1', names: ['localhost'] };
const all = (change: Readonly<Record<string, string>> = {}): HostsFileEntry[] => [
  localhost,
  ...Object.entries({
    director1: dip,
    rs1: '10.10.10.10',
    rs2: '10.10.10.20',
    rs3: '10.10.10.30',
    client1: '192.168.122.1',
    ...change,
  }).map(([name, address]) => ({ address, names: [`${name}.example.com`, name] })),
];
const when = (on: string, facts: Readonly<Record<string, FactChanges>>, cluster = aCluster()) =>
  judge(hostsFile, { on, facts, cluster });

describe('network/hosts-file', () => {
  it('passes when every name leads to its host', () => {
    expect(when('rs1', { rs1: { hostsFile: all() } }).outcome).to.equal('pass');
  });

  it('passes when a name leads to another address of the same host, as clients see a director', () => {
    expect(when('client1', { client1: { hostsFile: all({ director1: '192.168.122.10' }) } }).outcome).to.equal('pass');
  });

  it('fails on the one host whose file leads elsewhere, quotes the line and mends it', () => {
    const facts = { rs1: { hostsFile: all({ rs2: '10.10.10.99' }) } };
    const judgement = when('rs1', facts);
    const { outcome, reason, remedy } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason).to.include('/etc/hosts of rs1 says rs2 is 10.10.10.99').and.include('10.10.10.20');
    expect(quoted(judgement)).to.equal('rs1: 10.10.10.99 rs2.example.com rs2');
    expect(remedy?.commands[0]).to.include(String.raw`s/^10\.10\.10\.99/10.10.10.20/`);
    expect(when('rs2', facts).outcome).to.equal('pass');
  });

  it('fails when a name leads to another host of the cluster', () => {
    expect(when('rs1', { rs1: { hostsFile: all({ rs3: '10.10.10.20' }) } }).outcome).to.equal('fail');
  });

  it('only warns when the named host did not say which addresses it has', () => {
    const facts = {
      rs1: { hostsFile: all({ rs2: '172.16.5.20' }) },
      rs2: { addresses: missing('unreachable', 'rs2 is silent') },
    };
    expect(when('rs1', facts).outcome).to.equal('warn');
  });

  it('takes the address ssh uses, which may be on no interface', () => {
    const cluster = aCluster({ directors: [aDirector({ host: '203.0.113.5' })], realServers: [aRealServer(1)] });
    expect(when('rs1', { rs1: { hostsFile: all({ director1: '203.0.113.5' }) } }, cluster).outcome).to.equal('pass');
  });

  it('warns when the own name is loopback and others name the host', () => {
    const { outcome, reason } = finding(when('rs1', { rs1: { hostsFile: all({ rs1: '127.0.1.1' }) } }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('its own name is 127.0.1.1');
  });

  it('passes when the own name is loopback and the real address too, or nobody else names the host', () => {
    const both = [...all(), { address: '127.0.1.1', names: ['rs1'] }];
    expect(when('rs1', { rs1: { hostsFile: both } }).outcome).to.equal('pass');
    const alone = Object.fromEntries(
      ['director1', 'rs1', 'rs2', 'rs3', 'client1'].map((name) => [
        name,
        { hostsFile: [localhost, { address: '127.0.1.1', names: [name] }] },
      ]),
    );
    expect(when('rs1', alone).outcome).to.equal('pass');
  });

  it('warns when it lacks names that other hosts have', () => {
    const { outcome, reason, remedy } = finding(
      when('rs1', { rs1: { hostsFile: all().filter(({ names }) => !names.includes('rs3')) } }),
    );
    expect(outcome).to.equal('warn');
    expect(reason).to.include('does not name rs3');
    expect(remedy?.commands).to.deep.equal(["echo '10.10.10.30 rs3' >> /etc/hosts"]);
  });

  it('does not ask a client to name real servers', () => {
    expect(when('client1', { client1: { hostsFile: [localhost] } }).outcome).to.equal('pass');
  });

  it('does not apply where no file names a host of the cluster', () => {
    const none = Object.fromEntries(
      ['director1', 'rs1', 'rs2', 'rs3', 'client1'].map((name) => [name, { hostsFile: [localhost] }]),
    );
    expect(when('rs1', none).outcome).to.equal('not-applicable');
  });

  it('says which files could not be compared', () => {
    const judgement = when('rs1', { rs3: { hostsFile: missing('unreachable', 'rs3 is silent') } });
    expect(judgement).to.have.nested.property('found.notCompared').that.deep.equals(['rs3']);
  });
});
