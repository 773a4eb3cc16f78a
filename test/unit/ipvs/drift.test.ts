import { expect } from 'chai';
import { type RealServerDrift, settled, type ServiceDrift, threeWayDrift } from '../../../lib/ipvs/drift.ts';
import { declaredInConf } from '../../../lib/ipvs/keepalived-conf.ts';
import { declaredView } from '../../../lib/ipvs/rules-view.ts';
import type { VirtualService } from '../../../lib/model/cluster.ts';
import { parseIpvsRules, withThresholds } from '../../../lib/parse/ipvs-rules.ts';
import { parseKeepalivedConf } from '../../../lib/parse/keepalived-conf.ts';
import { aCluster, aRealServer, aService } from '../../builders.ts';
import { direct, natPair } from './keepalived-samples.ts';

const servers = [1, 2, 3].map((number) => aRealServer(number));
const path = '/etc/keepalived/keepalived.conf';
const live = `-A -t 192.168.122.100:80 -s rr
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1
-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1
-a -t 192.168.122.100:80 -r 10.10.10.30:80 -m -w 1
`;

function drift(conf: string, kernel: string, service: VirtualService = aService(servers), unread: string[] = []) {
  return threeWayDrift({
    declared: declaredView(aCluster({ virtualServices: [service] })),
    conf: declaredInConf([{ path, conf: parseKeepalivedConf(conf) }], unread),
    kernel: parseIpvsRules(kernel),
  });
}

function first([service]: readonly ServiceDrift[]): ServiceDrift {
  if (service === undefined) throw new Error('no service');
  return service;
}
function server({ realServers }: ServiceDrift, place: string): RealServerDrift {
  const found = realServers.find((each) => each.place === place);
  if (found === undefined) throw new Error(`no real server ${place}`);
  return found;
}

describe('three-way drift', () => {
  it('is none when all three say the same', () => {
    const all = drift(natPair, live);
    expect(first(all)).to.deep.include({ state: 'same', in: ['declared', 'conf', 'kernel'], differences: [] });
    expect(first(all).conf).to.deep.equal({ path, line: 23 });
    expect(settled(all)).to.equal(true);
  });

  it('names the field, and what each says', () => {
    const edited = natPair.replace('lb_algo rr', 'lb_algo wrr').replace('weight 1   #', 'weight 2   #');
    const all = drift(edited, live.replace('10.10.10.30:80 -m -w 1', '10.10.10.30:80 -g -w 7'));
    const service = first(all);
    expect(service.state).to.equal('drift');
    expect(service.differences).to.deep.equal([
      { field: 'scheduler', values: { declared: 'rr', conf: 'wrr', kernel: 'rr' } },
    ]);
    expect(server(service, '10.10.10.10:80').differences).to.deep.equal([
      { field: 'weight', values: { declared: 1, conf: 2, kernel: 1 } },
    ]);
    expect(server(service, '10.10.10.30:80').differences.map(({ field }) => field)).to.deep.equal([
      'weight',
      'forwarding',
    ]);
    expect(settled(all)).to.equal(false);
  });

  it('tells a real server that a health check took out from one that is missing', () => {
    const without = live.replace(/.*10\.10\.10\.20.*\n/, '');
    const service = first(drift(natPair, without));
    expect(service.state).to.equal('health');
    expect(server(service, '10.10.10.20:80')).to.deep.include({ state: 'health', note: 'taken out by a health check' });
    const unchecked = natPair.replaceAll(/\t\tHTTP_GET \{[^]*?\n\t\t\}\n/g, '');
    const missing = first(drift(unchecked, without));
    expect(missing.state).to.equal('drift');
    expect(server(missing, '10.10.10.20:80').note).to.contain('no health check');
  });

  it('takes weight 0 of an inhibited real server, and a weight set by a check, for what they are', () => {
    const service = aService(servers, {
      scheduler: 'wlc',
      forwarding: 'dr',
      persistenceS: 300,
      destinations: servers.map((realServer, index) => ({ realServer, port: 80, weight: [5, 5, 1][index] ?? 1 })),
    });
    const kernel = `-A -t 192.168.122.100:80 -s wlc -p 300
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -g -w 0 -x 100
-a -t 192.168.122.100:80 -r 10.10.10.20:80 -g -w 0
-a -t 192.168.122.100:80 -r 10.10.10.30:80 -g -w 40
`;
    const found = first(drift(direct, kernel, service));
    expect(server(found, '10.10.10.10:80').note).to.contain('inhibit_on_failure');
    expect(server(found, '10.10.10.30:80')).to.deep.include({
      state: 'health',
      note: 'a health check has set weight 40',
    });
    // This one has no check: nothing but a hand can have set it to 0.
    expect(server(found, '10.10.10.20:80').differences).to.deep.equal([
      { field: 'weight', values: { declared: 5, conf: 5, kernel: 0 } },
    ]);
    expect(found.state).to.equal('drift');
  });

  it('sees a sorry server in force', () => {
    const conf = natPair.replace('protocol TCP\n', 'protocol TCP\n\tsorry_server 10.10.10.99 80\n');
    const kernel = '-A -t 192.168.122.100:80 -s rr\n-a -t 192.168.122.100:80 -r 10.10.10.99:80 -m -w 1\n';
    const service = first(drift(conf, kernel));
    expect(service).to.include({ state: 'health', note: 'the sorry server 10.10.10.99:80 is in force' });
    expect(service.realServers.map(({ state }) => state)).to.deep.equal(['health', 'health', 'health', 'health']);
  });

  it('says where a service or a real server is missing or not declared', () => {
    expect(first(drift('', live))).to.include({ state: 'drift', note: 'keepalived.conf does not have it' });
    expect(first(drift(natPair, ''))).to.include({ state: 'drift', note: 'the kernel does not have it' });
    const two = aService(servers.slice(0, 2));
    expect(server(first(drift(natPair, live, two)), '10.10.10.30:80')).to.deep.include({
      state: 'drift',
      in: ['conf', 'kernel'],
    });
    const other = live.replaceAll(':80 ', ':81 ').replaceAll(':80\n', ':81\n');
    expect(drift(natPair, live + other).map(({ key, state }) => [key, state])).to.deep.equal([
      ['tcp 192.168.122.100:80', 'same'],
      ['tcp 192.168.122.100:81', 'undeclared'],
    ]);
  });

  it('does not call missing what an include may have', () => {
    const all = drift('include conf.d/*.conf\n', live, aService(servers), ['conf.d/*.conf']);
    expect(first(all).state).to.equal('unknown');
    expect(settled(all)).to.equal(false);
  });

  it('compares thresholds only where they are managed', () => {
    const listing = 'TCP  192.168.122.100:80 rr\n  -> 10.10.10.10:80  100 0 0 0\n';
    const kernel = withThresholds(parseIpvsRules(live), listing);
    const conf = declaredInConf([{ path, conf: parseKeepalivedConf(natPair) }]);
    const declared = declaredView(aCluster({ virtualServices: [aService(servers)] }));
    const service = first(threeWayDrift({ declared, conf, kernel }));
    expect(server(service, '10.10.10.10:80').differences).to.deep.equal([
      { field: 'upper threshold', values: { conf: 0, kernel: 100 } },
    ]);
    expect(service.state).to.equal('drift');
    expect(settled([service]), 'nothing the cluster file asks for').to.equal(true);
  });
});
