import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { scenarioNames } from '../../../lib/model/failover.ts';
import { outlookOf } from '../../../lib/run/failover/outlook.ts';
import { contacts, readDetails, readSettings, type SceneReader, stableOwner } from '../../../lib/run/failover/scene.ts';
import type { Host } from '../../../lib/ssh/host.ts';
import { failureOf } from '../../ssh/failure.ts';
import { aCluster, aDirector, aRealServer } from '../../builders.ts';

const realServers = [aRealServer(1), aRealServer(2)];
const cluster = aCluster({
  directors: [aDirector(), aDirector({ name: 'director2', dip: '10.10.10.2' })],
  realServers,
  rules: { managedBy: 'keepalived' },
});
const conf = (priority: number) =>
  `vrrp_instance VI_1 { priority ${priority}\n virtual_ipaddress { 192.168.122.100/32 } }\nvirtual_server 192.168.122.100 80 { delay_loop 2\n real_server 10.10.10.10 80 { TCP_CHECK { connect_timeout 2 } } }\n`;
const rules = `-A -t 192.168.122.100:80 -s rr\n-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1\n-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1\n`;
const state = (vip: boolean) =>
  `@keepalived active\n@addresses\n${vip ? '2: eth0    inet 192.168.122.100/32 scope global eth0\\\n' : ''}@table\nTCP  C0A87A64:0050 rr\n  -> 0A0A0A0A:0050      Masq    1      0          0\n  -> 0A0A0A14:0050      Masq    1      0          0\n`;

/** Directors that say what is asked of them, and remember what that was. */
function reader(change: Partial<Record<string, Record<string, string | undefined>>> = {}) {
  const asked: string[] = [];
  const host = (name: string): unknown => ({
    declaration: { name },
    exec: (argv: readonly string[]) => {
      const ours = argv.find((word) => word.startsWith('ipvet-'));
      const program = ours ?? argv.slice(0, 2).join(' ');
      asked.push(`${name} ${ours ?? argv.join(' ')}`);
      const own: Readonly<Record<string, string | undefined>> = {
        'ipvet-state': state(name === 'director1'),
        'cat /etc/keepalived/keepalived.conf': conf(name === 'director1' ? 150 : 100),
        'ipvsadm -Sn': rules,
        'ipvsadm -Ln': '',
        'ipvet-link': '',
        ...change[name],
      };
      const stdout = own[program];
      return stdout === undefined
        ? Promise.reject(new IpvetError('PERMISSION', `${name}: not allowed`, { host: name }))
        : Promise.resolve({ stdout, stderr: '', exitCode: 0, truncated: false });
    },
  });
  const [service] = cluster.virtualServices as [(typeof cluster.virtualServices)[number]];
  const fleet = { host: (name: string) => Promise.resolve(host(name) as Host), close: () => Promise.resolve() };
  return { asked, of: { cluster, service, fleet, signal: new AbortController().signal } satisfies SceneReader };
}

describe('what drills find', function () {
  this.timeout(10_000);

  it('is refused where both directors are master, or one cannot be asked', async () => {
    const both = reader({ director2: { 'ipvet-state': state(true) } });
    expect(await failureOf(stableOwner(both.of, 500))).to.include({
      code: 'REFUSED',
      message:
        'the cluster is not stable, and nothing is done to it: director1 and director2 all have the VIP 192.168.122.100',
    });
    const lost = reader({ director2: { 'ipvet-state': undefined } });
    expect(await failureOf(stableOwner(lost.of, 0))).to.include({ code: 'PERMISSION', host: 'director2' });
  });

  it('is who the hosts are, each that does not answer with its reason', async () => {
    const { of } = reader();
    const gone = new IpvetError('SSH_UNREACHABLE', 'director2: no route to host', {
      host: 'director2',
      hint: 'Is it on?',
    });
    const fleet = {
      ...of.fleet,
      host: (name: string) => (name === 'director2' ? Promise.reject(gone) : of.fleet.host(name)),
    };
    const met = await contacts({ ...of, fleet }, ['director1', 'director2']);
    expect(met.map(({ name, role, reachable }) => ({ name, role, reachable }))).to.deep.equal([
      { name: 'director1', role: 'director', reachable: true },
      { name: 'director2', role: 'director', reachable: false },
    ]);
    expect(met[1]?.error).to.deep.equal({
      code: 'SSH_UNREACHABLE',
      message: 'director2: no route to host',
      hint: 'Is it on?',
    });
  });

  it('is without predictions where a configuration cannot be read, and that is told', async () => {
    const told: string[] = [];
    const { of } = reader({ director2: { 'cat /etc/keepalived/keepalived.conf': undefined } });
    const { vrrp, checks } = await readSettings(of, ({ message }) => told.push(message));
    expect([...vrrp].map(([name, { priority }]) => [name, priority])).to.deep.equal([['director1', 150]]);
    expect([...checks.keys()]).to.deep.equal(['10.10.10.10 80']);
    expect(told).to.deep.equal(['director2: not allowed']);
  });

  it('is what each scenario has to know, and no more', async () => {
    const plain = reader();
    expect(await readDetails(plain.of, 'stop-keepalived', 'director1')).to.deep.equal({});
    expect(plain.asked).to.deep.equal([]);
    const link = reader({
      director1: { 'ipvet-link': '2: eth0    inet6 fd00::10/64 scope global \\       valid_lft forever\n' },
    });
    expect(await readDetails(link.of, 'director-link-down', 'director1')).to.deep.equal({ lostWithLink: ['fd00::10'] });
    expect(link.asked).to.deep.equal(['director1 ipvet-link']);
  });

  it('makes a plan of every scenario, by reading alone', async () => {
    const { asked, of } = reader();
    const { owner, drills, problems } = await outlookOf(of, scenarioNames);
    expect([owner, problems]).to.deep.equal(['director1', []]);
    expect(drills.map(({ scenario }) => scenario)).to.deep.equal([...scenarioNames]);
    expect(drills.filter((drill) => 'notDone' in drill).map(({ scenario }) => scenario)).to.deep.equal([
      'director-power-off',
    ]);
    const programs = new Set(asked.map((line) => line.split(' ').slice(1, 3).join(' ')));
    expect([...programs].toSorted()).to.deep.equal([
      'cat /etc/keepalived/keepalived.conf',
      'ipvet-link',
      'ipvet-state',
      'ipvsadm -Ln',
      'ipvsadm -Sn',
    ]);
  });
});
