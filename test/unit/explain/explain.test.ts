import { expect } from 'chai';
import { clusterAnswer } from '../../../lib/explain/cluster-answer.ts';
import { aCluster, aClusterWith, aDirectCluster, dip, vip } from '../../builders.ts';
import {
  aFlow,
  destination,
  entries,
  explained,
  inShort,
  own,
  persistent,
  refusedToTell,
  service,
  template,
  textOf,
} from './a-director.ts';

const mark = service({
  protocol: 'fwmark',
  address: '',
  port: 0,
  fwmark: 7,
  destinations: [destination(3, { port: 0 })],
});

describe('explain: the service', () => {
  it('is told by rule, name, scheduler and persistence', () => {
    const seen = explained({ services: [service({ scheduler: 'wlc', persistence: persistent })] });
    expect(seen.service).to.deep.equal({
      rule: `TCP ${vip}:80`,
      name: 'web',
      by: 'address',
      scheduler: 'wlc',
      persistent: true,
      persistenceS: 300,
    });
    expect(textOf(seen, 'service')).to.equal(`TCP ${vip}:80, wlc, persistent for 300 s`);
  });

  it('that is none: the director answers itself, and those it has are named', () => {
    const flow = aFlow({ port: 8080 });
    const seen = explained({}, flow);
    expect(inShort(seen)).to.equal('tcp-reset');
    expect(textOf(seen, 'service')).to.equal(`director1 has no service TCP ${vip}:8080; it has TCP ${vip}:80`);
    expect(inShort(explained({}, { ...flow, protocol: 'udp' }))).to.equal('icmp-port-unreachable');
    expect(textOf(explained({ services: [] }, flow), 'service')).to.contain('none at all');
  });

  it('of a mark comes first where the cluster file says so, and is said to be looked at by nobody', () => {
    const cluster = aClusterWith({ fwmark: 7 });
    const seen = explained({ services: [service(), mark] }, aFlow(), {}, cluster);
    expect(seen.service).to.include({ rule: 'FWM 7', by: 'mark' });
    expect(inShort(seen)).to.equal('rs3 by scheduler');
    expect(seen.answer.kind === 'real-server' && seen.answer.to.destination).to.equal('10.10.10.30:80');
    expect(seen.notes.join()).to.contain('ipvet check director/firewall-mark');
    const absent = explained({}, aFlow(), {}, cluster);
    expect(absent.notes.join()).to.contain('the director has no such service');
  });

  it('of a mark that nobody declared is a note, and without another service leaves it open', () => {
    const beside = explained({ services: [service(), mark] });
    expect(beside.service?.by).to.equal('address');
    expect(beside.notes.join()).to.contain('marks for FWM 7').and.contain('cannot be told');
    expect(inShort(explained({ services: [mark] }))).to.equal('untold');
    const v6 = { ...mark, destinations: [destination(3, { address: 'fd00::14' })] };
    expect(inShort(explained({ services: [v6] }))).to.equal('tcp-reset');
  });

  it('of port 0 takes the other ports, with persistence alone', () => {
    const any = service({ port: 0, destinations: [destination(1, { port: 0 })] });
    const seen = explained({ services: [any] }, aFlow({ port: 8443 }));
    expect(seen.service?.by).to.equal('any-port');
    expect(inShort(seen)).to.equal('icmp-port-unreachable');
    expect(textOf(seen, 'scheduler')).to.contain('port-zero-needs-persistence');
    const sticky = explained({ services: [{ ...any, persistence: persistent }] }, aFlow({ port: 8443 }));
    expect(sticky.answer.kind === 'real-server' && sticky.answer.to.destination).to.equal('10.10.10.10:8443');
  });

  it('of FTP takes data connections, with persistence alone', () => {
    const ftp = service({ port: 21, destinations: [destination(1, { port: 21 })] });
    const data = aFlow({ port: 50_000 });
    expect(inShort(explained({ services: [ftp] }, data))).to.equal('tcp-reset');
    const sticky = explained({ services: [{ ...ftp, persistence: persistent }] }, data);
    expect(sticky.service?.by).to.equal('ftp-data');
    expect(sticky.answer.kind === 'real-server' && sticky.answer.to.destination).to.equal('10.10.10.10:50000');
    expect(inShort(explained({ services: [{ ...ftp, persistence: persistent }] }, aFlow({ port: 443 })))).to.equal(
      'tcp-reset',
    );
  });

  it('of IPv6 is found by address and decides by template and hash', () => {
    const flow = aFlow({ client: '2001:db8::9', vip: 'fd00::64' });
    const destinations = [1, 2].map((number) => destination(number, { address: `fd00::${number}`, forwarding: 'dr' }));
    const listed = service({ scheduler: 'sh', address: 'fd00::64', destinations });
    const seen = explained({ services: [listed], addresses: own('fd00::64') }, flow);
    expect(seen.holdsVip).to.equal(true);
    expect(inShort(seen)).to.match(/^\[fd00::[12]\]:80 by scheduler$/);
    const sticky = { ...listed, persistence: { timeoutJiffies: 60, netmask: 0x40000000 } };
    const templates = [template(sticky, flow, { clientAddress: '2001:db8::', destination: '[fd00::2]:80' })];
    const bound = explained({ services: [sticky], entries: entries({ templates }) }, flow);
    expect(inShort(bound)).to.equal('[fd00::2]:80 by template');
  });

  it('that could not be read leaves everything open', () => {
    const seen = explained({}, aFlow(), { services: refusedToTell });
    expect(inShort(seen)).to.equal('untold');
    expect(seen.lacking).to.have.lengthOf(1);
  });
});

describe('explain: the way', () => {
  const way = (forwarding: 'nat' | 'dr' | 'tun', addresses = own(vip)) => {
    const { answer } = explained({
      services: [service({ destinations: [destination(1, { forwarding })] })],
      addresses,
    });
    return answer.kind === 'real-server' ? `${answer.to.forwarding}: ${answer.to.replyPath}` : answer.kind;
  };
  it('there and back, by method', () => {
    expect(way('nat')).to.equal(
      `nat: rs1 answers by way of director1, its gateway to the client, which makes ${vip}:80 the source again`,
    );
    expect(way('dr')).to.equal('dr: rs1 has the VIP itself and answers the client without director1');
    expect(way('tun')).to.contain('out of the tunnel');
    expect(way('dr', own(vip, '10.10.10.10'))).to.equal('local: director1 answers itself');
  });

  it('of clients that are part of the cluster is told apart', () => {
    const notes = (client: string, cluster = aCluster(), forwarding: 'nat' | 'dr' = 'nat') =>
      explained(
        { services: [service({ destinations: [destination(1, { forwarding })] })] },
        aFlow({ client }),
        {},
        cluster,
      ).notes.join();
    expect(notes('10.10.10.20'))
      .to.contain('is rs2')
      .and.contain('such a connection hangs')
      .and.contain('client-is-real-server');
    expect(notes('192.168.122.11', aDirectCluster('dr'), 'dr')).to.contain('never comes to director1');
    expect(notes(dip)).to.contain('says nothing of other clients').and.contain('client-is-director');
    expect(notes(dip, aCluster(), 'dr')).to.contain('has the VIP as source');
    expect(notes(vip)).to.contain('is the VIP itself');
    expect(notes('192.168.122.1')).to.equal('');
  });
});

describe('explain: the cluster', () => {
  const flow = aFlow();
  const holder = (name: string) => explained({}, flow, { name });
  const standby = (name: string) => explained({ addresses: own('10.10.10.2') }, flow, { name });

  it('is answered by the director that has the VIP', () => {
    const seen = clusterAnswer([holder('director1'), standby('director2')], [], flow);
    expect(seen).to.deep.include({ director: 'director1' });
    expect(seen.answer.kind).to.equal('one-of');
    expect(clusterAnswer([holder('director1')], ['director2'], flow).director).to.equal('director1');
  });

  it('is not answered where two have it, none has it, or one that may have it was not asked', () => {
    const two = clusterAnswer([holder('director1'), holder('director2')], [], flow).answer;
    expect(two).to.include({ kind: 'untold' });
    expect(two.kind === 'untold' && two.because).to.contain('network/vip-owner');
    expect(clusterAnswer([standby('director1')], [], flow).answer.kind).to.equal('nowhere');
    expect(clusterAnswer([standby('director1')], ['director2'], flow).answer.kind).to.equal('untold');
    const unknown = explained({}, flow, { addresses: refusedToTell });
    expect(unknown.holdsVip).to.equal(null);
    expect(unknown.lacking).to.have.lengthOf(1);
    expect(clusterAnswer([unknown], [], flow).answer.kind).to.equal('untold');
  });

  it('may be reached by marks without an address', () => {
    const cluster = aClusterWith({ fwmark: 7 });
    const seen = explained({ services: [mark], addresses: own('10.10.10.1') }, flow, {}, cluster);
    expect(clusterAnswer([seen], [], flow).answer.kind).to.equal('untold');
  });

  it('takes an address that is down for none', () => {
    const [one] = own(vip);
    const seen = explained({ addresses: one === undefined ? [] : [{ ...one, up: false }], entries: entries() });
    expect(seen.holdsVip).to.equal(false);
  });
});
