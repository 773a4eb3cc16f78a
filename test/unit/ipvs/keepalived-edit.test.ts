import { expect } from 'chai';
import { createPatch } from 'diff';
import fc from 'fast-check';
import { IpvetError } from '../../../lib/errors.ts';
import { type ConfFile, declaredInConf, includesOf } from '../../../lib/ipvs/keepalived-conf.ts';
import { type ConfSurroundings, editConf } from '../../../lib/ipvs/keepalived-edit.ts';
import type { Destination, VirtualService } from '../../../lib/model/cluster.ts';
import { parseKeepalivedConf } from '../../../lib/parse/keepalived-conf.ts';
import { aCluster, aRealServer, aService } from '../../builders.ts';
import { direct, large, natPair } from './keepalived-samples.ts';

const path = '/etc/keepalived/keepalived.conf';
const alone: ConfSurroundings = { path, included: [], unread: [] };
const servers = [1, 2, 3].map((number) => aRealServer(number));
const fileOf = (text: string): ConfFile => ({ path, conf: parseKeepalivedConf(text, path) });
const viewOf = (text: string) => declaredInConf([fileOf(text)]);
const declared = (...services: VirtualService[]) => aCluster({ virtualServices: services });
const weights = (...all: number[]): Destination[] =>
  servers.flatMap((realServer, index) => {
    const weight = all[index];
    return weight === undefined ? [] : [{ realServer, port: 80, weight }];
  });

/** Lines that an edit takes out and puts in. */
function diff(text: string, services: VirtualService[]): string[] {
  const edited = editConf(text, declared(...services), alone);
  return createPatch('conf', text, edited.text, undefined, undefined, { context: 0 })
    .split('\n')
    .filter((line) => /^[-+](?![-+])/.test(line));
}

function refusal(text: string, services: VirtualService[], around = alone): IpvetError {
  try {
    editConf(text, declared(...services), around);
  } catch (error) {
    expect(error).to.be.instanceOf(IpvetError);
    return error as IpvetError;
  }
  throw new Error('was edited');
}

describe('services of a keepalived.conf', () => {
  it('are read in both spellings, with what keepalived takes for granted', () => {
    const [service] = viewOf(direct).services;
    expect(service).to.include({ key: 'tcp 192.168.122.100:80', scheduler: 'wlc', persistenceS: 300, line: 1 });
    expect(service?.sorryServer).to.equal('127.0.0.1:8080');
    expect(
      service?.realServers.map(({ place, weight, forwarding, upperThreshold, inhibited, dynamicWeight, checks }) => [
        place,
        weight,
        forwarding,
        upperThreshold,
        inhibited,
        dynamicWeight,
        checks.length,
      ]),
    ).to.deep.equal([
      ['10.10.10.10:80', 5, 'dr', 100, true, false, 1],
      ['10.10.10.20:80', 5, 'dr', 0, true, false, 0],
      ['10.10.10.30:80', 1, 'dr', 0, true, true, 1],
    ]);
  });

  it('come from groups and ranges, by firewall mark, and IPv6 in one spelling', () => {
    const { services, generators } = viewOf(large);
    expect(services.map(({ key, group }) => `${key}${group === undefined ? '' : ` of ${group}`}`)).to.deep.equal([
      'tcp 192.168.122.100:80 of edge',
      'tcp 192.168.122.110:8080 of edge',
      'tcp 192.168.122.111:8080 of edge',
      'tcp 192.168.122.112:8080 of edge',
      'fwmark 9 of edge',
      'fwmark 7',
      'udp 192.168.122.100:53',
      'tcp [2001:db8::100]:80',
    ]);
    expect(services.find(({ key }) => key === 'fwmark 7')).to.include({ flags: 'sh-port', scheduler: 'sh' });
    expect(services.find(({ key }) => key.startsWith('udp'))).to.include({ onePacket: true, unsure: 33 });
    expect(generators).to.deep.equal([]);
    expect(includesOf(parseKeepalivedConf(large))).to.deep.equal(['conf.d/*.conf']);
    expect(declaredInConf([fileOf(large)], ['conf.d/*.conf']).generators.map(({ line }) => line)).to.deep.equal([1]);
  });

  it('count as UDP when they do not say, as keepalived takes them', () => {
    expect(viewOf('virtual_server 10.0.0.1 80 {\n}\n').services[0]?.key).to.equal('udp 10.0.0.1:80');
  });
});

describe('the edit of a keepalived.conf', () => {
  it('is none when the conf says what is declared', () => {
    expect(editConf(natPair, declared(aService(servers)), alone)).to.deep.equal({ text: natPair, changes: [] });
  });

  it('changes one value and keeps the comment behind it', () => {
    expect(diff(natPair, [aService(servers, { destinations: weights(3, 1, 1) })])).to.deep.equal([
      '-\t\tweight 1   # the old machine',
      '+\t\tweight 3   # the old machine',
    ]);
  });

  it('changes scheduler, method and persistence with the words that are there', () => {
    const service = aService(servers, {
      scheduler: 'wrr',
      forwarding: 'tun',
      persistenceS: 60,
      destinations: weights(5, 5, 1),
    });
    expect(diff(direct, [service])).to.deep.equal([
      '-    lvs_sched wlc',
      '-    lvs_method DR',
      '-    persistence_timeout 300',
      '+    lvs_sched wrr',
      '+    lvs_method TUN',
      '+    persistence_timeout 60',
    ]);
    const lone = aService(servers, { scheduler: 'wlc', forwarding: 'dr', destinations: weights(5, 5, 1) });
    expect(diff(direct, [lone])).to.deep.equal(['-    persistence_timeout 300']);
  });

  it('puts in a line that is missing, also in a block on one line', () => {
    expect(diff(natPair, [aService(servers, { persistenceS: 300 })])).to.deep.equal(['+\tpersistence_timeout 300']);
    const thresholds = { upper: 50, lower: 0 };
    const destinations = weights(5, 5, 1).map((each, index) => (index === 1 ? { ...each, thresholds } : each));
    const service = aService(servers, { scheduler: 'wlc', forwarding: 'dr', persistenceS: 300, destinations });
    expect(diff(direct, [service]).join('\n')).to.contain('uthreshold 50');
  });

  it('adds a real server with the health check that the others share', () => {
    const two = natPair.replace(/\treal_server 10\.10\.10\.30[^]*\n\t\}\n\}\n$/, '}\n');
    expect(two).to.not.contain('10.10.10.30');
    const edited = editConf(two, declared(aService(servers)), alone);
    expect(edited.text).to.equal(natPair);
    expect(edited.changes.map(({ description }) => description)).to.deep.equal([
      'web: add real server rs3 (10.10.10.30:80) weight 1',
    ]);
  });

  it('takes a real server out, whole', () => {
    const lines = diff(natPair, [aService(servers, { destinations: weights(1, 1) })]);
    expect(lines[0]).to.equal('-\treal_server 10.10.10.30 80 {');
    expect(lines.at(-1)).to.equal('-\t}');
    expect(lines).to.have.length(10);
  });

  it('replaces all real servers at once', () => {
    const others = [4, 5].map((number) => aRealServer(number));
    const edited = editConf(natPair, declared(aService(others)), alone).text;
    expect(viewOf(edited).services[0]?.realServers.map(({ place }) => place)).to.deep.equal([
      '10.10.10.40:80',
      '10.10.10.50:80',
    ]);
  });

  it('adds a service that is missing, with the declared health check', () => {
    const health = { httpPath: '/alive', expectStatus: 204 };
    const second = aService(servers.slice(0, 1), { name: 'api', port: 8080, health, persistenceS: 30 });
    const edited = editConf(natPair, declared(aService(servers), second), alone);
    expect(edited.text.startsWith(natPair)).to.equal(true);
    expect(edited.text.slice(natPair.length)).to.equal(`
virtual_server 192.168.122.100 8080 {
	delay_loop 6
	lb_algo rr
	lb_kind NAT
	persistence_timeout 30
	protocol TCP

	real_server 10.10.10.10 80 {
		weight 1
		HTTP_GET {
			url {
				path /alive
				status_code 204
			}
			connect_timeout 3
		}
	}
}
`);
  });

  it('quotes a path that would be read as something else', () => {
    const health = { httpPath: '/a{b}#c', expectStatus: 200 };
    const edited = editConf('', declared(aService(servers, { health })), alone);
    expect(edited.text).to.contain('path "/a{b}#c"\n');
    const odd = { httpPath: '/"', expectStatus: 200 };
    expect(refusal('', [aService(servers, { health: odd })]).code).to.equal('REFUSED');
  });

  it('adds firewall marks and flags', () => {
    const marked = aService(servers, {
      fwmark: 3,
      vip: '2001:db8::1',
      scheduler: 'sh',
      schedulerFlags: ['sh-port', 'sh-fallback'],
      destinations: [{ realServer: aRealServer(1, { rip: '2001:db8::10' }), port: 80, weight: 1 }],
    });
    const { text } = editConf('', declared(marked), alone);
    const [service] = viewOf(text).services;
    expect(service).to.include({ key: 'fwmark 3 IPv6', flags: 'sh-fallback,sh-port' });
    expect(service?.realServers[0]?.place).to.equal('[2001:db8::10]:0');
    const plain = editConf(text, declared({ ...marked, scheduler: 'rr', schedulerFlags: [] }), alone).text;
    expect(viewOf(plain).services[0]).to.include({ scheduler: 'rr', flags: 'none' });
    const back = editConf(plain, declared(marked), alone).text;
    expect(viewOf(back).services[0]).to.include({ scheduler: 'sh', flags: 'sh-fallback,sh-port' });
  });

  it('refuses what it cannot edit safely, with file and line', () => {
    expect(refusal(large, [aService(servers)]).message)
      .to.contain(`${path} line 12`)
      .and.contain('group edge');
    const dns = aService(servers.slice(0, 1), { port: 53, protocol: 'udp', destinations: [] });
    expect(refusal(large, [dns]).message).to.contain('line 33');
    const unknown = aService(servers, { port: 443 });
    const around = { path, included: [], unread: ['conf.d/*.conf'] };
    expect(refusal(large, [unknown], around).message)
      .to.contain('line 1')
      .and.contain('conf.d/*.conf');
    const twice = `${natPair}${natPair.slice(natPair.indexOf('virtual_server'))}`;
    expect(refusal(twice, [aService(servers)]).message)
      .to.contain('twice')
      .and.contain('line 23');
    const included = [{ path: '/etc/keepalived/conf.d/web.conf', conf: parseKeepalivedConf(natPair) }];
    const elsewhere = refusal('include conf.d/web.conf\n', [aService(servers, { scheduler: 'wrr' })], {
      path,
      included,
      unread: [],
    });
    expect(elsewhere.message).to.contain('/etc/keepalived/conf.d/web.conf line 23').and.contain('included');
    expect(elsewhere.code).to.equal('REFUSED');
  });

  it('does not take out, and so keep, a password', () => {
    const text = natPair.replace(
      /(real_server 10\.10\.10\.30 80 \{\n)/,
      '$1\t\tMISC_CHECK {\n\t\t\tmisc_path "/bin/probe --password hunter22"\n\t\t}\n',
    );
    const { message } = refusal(text, [aService(servers, { destinations: weights(1, 1) })]);
    expect(message).to.contain('password').and.not.contain('hunter22');
  });

  it('ends at what is declared from any start, and a second edit changes nothing', () => {
    const service = fc
      .record({
        scheduler: fc.constantFrom('rr', 'wrr', 'wlc', 'sh', 'mh'),
        forwarding: fc.constantFrom('nat' as const, 'dr' as const, 'tun' as const),
        persistenceS: fc.constantFrom(0, 60, 300),
        numbers: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
        weight: fc.integer({ min: 0, max: 9 }),
        thresholds: fc.option(fc.record({ upper: fc.nat(50), lower: fc.nat(50) }), { nil: undefined }),
      })
      .map(({ numbers, weight, thresholds, ...rest }) =>
        aService([], {
          ...rest,
          destinations: numbers.map((number) => ({
            realServer: aRealServer(number),
            port: 80,
            weight,
            ...(thresholds === undefined ? {} : { thresholds }),
          })),
        }),
      );
    fc.assert(
      fc.property(service, fc.constantFrom('', natPair, direct), (wanted, start) => {
        const first = editConf(start, declared(wanted), alone);
        expect(editConf(first.text, declared(wanted), alone).changes).to.deep.equal([]);
        // What is before the first virtual server is not the edit's business.
        const head = start.slice(0, start.indexOf('virtual_server'));
        expect(first.text.startsWith(head)).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });
});
