import { expect } from 'chai';
import { webService } from '../../../../checks/real-server/web-service.ts';
import type { HttpProbe, Listener } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith, aDirectCluster } from '../../../builders.ts';
import { aProbe, aRoute } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const socket = (address: string, port = 80): Listener => ({ address, port, queued: 0, backlog: 511 });
const page = (change: Partial<HttpProbe> = {}) => aProbe('http://10.10.10.20:80/', 'rs2', 'rs2', change);
const when = (listeners: readonly Listener[], httpProbes: readonly HttpProbe[] = [page()], cluster = aCluster()) =>
  judge(webService, { on: 'rs2', cluster, facts: { rs2: { listeners, httpProbes } } });

describe('real-server/web-service', () => {
  for (const address of ['*', '0.0.0.0', '::', '[::]', '10.10.10.20']) {
    it(`passes with a socket on ${address}`, () => {
      expect(when([socket(address)])).to.deep.include({ outcome: 'pass' });
    });
  }

  it('fails when nothing listens', () => {
    const { outcome, reason } = finding(when([socket('*', 8080)]));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('10.10.10.20:80').and.include('nothing');
  });

  it('passes where a rule sends clients to another port of its own, on which something listens', () => {
    const byRule = (kind: 'redirect' | 'dnat', to: string, listening: number) =>
      judge(webService, {
        on: 'rs2',
        facts: {
          rs2: {
            listeners: [socket('*', listening)],
            httpProbes: [page({ outcome: 'refused' })],
            firewall: {
              engines: ['iptables'],
              rules: [],
              policies: { input: 'accept', forward: 'accept', output: 'accept' },
              translations: [
                {
                  hook: 'prerouting',
                  kind,
                  match: { protocol: 'tcp', destinationPorts: [[80, 80]] },
                  to,
                  understood: true,
                  text: 'a rule',
                },
              ],
            },
          },
        },
      }).outcome;
    expect(byRule('redirect', '8080', 8080)).to.equal('pass');
    expect(byRule('dnat', '10.10.10.20:8080', 8080)).to.equal('pass');
    expect(byRule('redirect', '8080', 8081)).to.equal('fail');
    expect(byRule('dnat', '10.10.10.99:8080', 8080)).to.equal('fail');
  });

  it('fails when the socket is bound to another address', () => {
    expect(finding(when([socket('127.0.0.1')])).reason).to.include('only 127.0.0.1:80');
  });

  it('fails when the page is not as expected', () => {
    expect(finding(when([socket('*')], [page({ status: 500 })])).reason)
      .to.include('does not get 200 from itself')
      .and.include('answered 500');
    expect(finding(when([socket('*')], [page({ outcome: 'timeout' })])).reason).to.include('did not answer in time');
    expect(finding(when([socket('*')], [page({ outcome: 'refused' })])).faults).to.deep.equal(['rs-firewall-reject']);
    expect(finding(when([])).faults).to.deep.equal(['rs-service-down']);
  });

  it('takes the status the cluster file expects', () => {
    const cluster = aClusterWith({ health: { httpPath: '/', expectStatus: 204 } });
    expect(when([socket('*')], [page({ status: 204 })], cluster).outcome).to.equal('pass');
  });

  it('warns when answers carry another name, or none', () => {
    const renamed = finding(when([socket('*')], [page({ headers: { 'x-real-server': 'rs1' } })]));
    expect(renamed.outcome).to.equal('warn');
    expect(renamed.reason).to.include('rs2 calls itself rs1');
    expect(when([socket('*')], [page({ headers: {} })]).outcome).to.equal('warn');
  });

  it('reads the name from the body, by the first group or the whole match', () => {
    const byBody = (pattern: string) => aClusterWith({ identifyBy: { kind: 'body', pattern } });
    const answer = [page({ body: 'served by: rs2\n' })];
    expect(when([socket('*')], answer, byBody('served by: (\\S+)')).outcome).to.equal('pass');
    expect(when([socket('*')], answer, byBody('rs\\d')).outcome).to.equal('pass');
    expect(when([socket('*')], answer, byBody('(')).outcome, 'a pattern that is none').to.equal('error');
  });

  it('asks for no name where the cluster file has no way to tell', () => {
    const cluster = aClusterWith({ identifyBy: { kind: 'none' } });
    expect(when([socket('*')], [page({ headers: {} })], cluster).outcome).to.equal('pass');
  });

  it('cannot tell without its own page', () => {
    expect(when([socket('*')], []).outcome).to.equal('error');
  });

  it('wants the VIP heard with DR, and lets the RIP be', () => {
    const cluster = aClusterWith({ forwarding: 'dr' });
    expect(when([socket('192.168.122.100')], [page({ outcome: 'refused' })], cluster).outcome).to.equal('pass');
    expect(when([socket('10.10.10.20')], [page()], cluster).outcome).to.equal('fail');
  });

  it('takes the page that a client would get with DR, where the VIP is its own', () => {
    const cluster = aDirectCluster('dr');
    const asClient = (change: Partial<HttpProbe>, outcome: 'local' | 'unicast') =>
      judge(webService, {
        on: 'rs2',
        cluster,
        facts: {
          rs2: {
            listeners: [socket('*')],
            httpProbes: [aProbe('http://192.168.122.100:80/', 'rs2', 'rs2', change)],
            routes: [aRoute('192.168.122.100', { outcome })],
          },
        },
      });
    expect(asClient({}, 'local').outcome).to.equal('pass');
    expect(finding(asClient({ status: 500 }, 'local')).reason).to.include('http://192.168.122.100:80/');
    expect(asClient({ outcome: 'refused' }, 'local').outcome).to.equal('fail');
    expect(asClient({ status: 500 }, 'unicast').outcome, "somebody else's page").to.equal('pass');
  });

  it('does not apply to other protocols', () => {
    expect(when([], [], aClusterWith({ protocol: 'udp' })).outcome).to.equal('not-applicable');
  });
});
