import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { planText } from '../../../cli/failover-plan.ts';
import { guardPlace, undoProgram } from '../../../lib/changes/guard-program.ts';
import { scenarioNames, type VrrpSettings } from '../../../lib/model/failover.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { type DrillPlan, drillPlan, type DrillScene, hostsOfScenario } from '../../../lib/run/failover/scenarios.ts';
import { expected } from '../../../lib/run/failover/outlook.ts';
import { drainStep, liveDestination } from '../../../lib/run/failover/steps.ts';
import { reactedMs } from '../../../lib/run/failover/timeline.ts';
import { aCluster, aDirector } from '../../builders.ts';

const saved = `-A -t 192.168.122.100:80 -s rr
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3
-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1
`;
const cluster = aCluster({
  directors: [aDirector(), aDirector({ name: 'director2', host: 'lb2.mgmt', dip: '10.10.10.2' })],
  rules: { managedBy: 'keepalived' },
});
const [service] = cluster.virtualServices as [(typeof cluster.virtualServices)[number]];
const vrrp = (priority: number, change: Partial<VrrpSettings> = {}): VrrpSettings => ({
  priority,
  advertIntMs: 1000,
  version: 2,
  nopreempt: false,
  preemptDelayMs: 0,
  ...change,
});
const rules = parseIpvsRules(saved);
const scene: DrillScene = {
  cluster,
  service,
  owner: 'director1',
  vrrp: new Map([
    ['director1', vrrp(150)],
    ['director2', vrrp(100)],
  ]),
  checks: new Map([
    ['10.10.10.10 80', { delayLoopMs: 2000, connectTimeoutMs: 2000, retries: 1, delayBeforeRetryMs: 1000 }],
  ]),
  rules: new Map([
    ['director1', rules],
    ['director2', rules],
  ]),
};
const planOf = (...[scenario, change]: [Parameters<typeof drillPlan>[0], Partial<DrillScene>?]): DrillPlan => {
  const plan = drillPlan(scenario, { ...scene, ...change });
  if ('obstacle' in plan) throw new Error(plan.obstacle);
  return plan;
};
const changed = (own: Partial<VrrpSettings>) =>
  ({
    vrrp: new Map([
      ['director1', vrrp(150, own)],
      ['director2', vrrp(100)],
    ]),
  }) as const;

describe('what a drill does', () => {
  it('is done to hosts that it says it may be done to, with an undo for the same host', () => {
    for (const scenario of scenarioNames) {
      const plan = drillPlan(scenario, scene);
      const steps = 'obstacle' in plan ? [] : [...(plan.before ?? []), ...plan.steps];
      const hosts = hostsOfScenario(scenario, cluster, service);
      for (const { host, undo } of steps) {
        expect(hosts, scenario).to.include(host);
        expect(undo.host, scenario).to.equal(host);
      }
    }
  });

  it('has the old master come back after the other has taken over, and predicts that', () => {
    const { before = [], steps, reaction, predicted } = planOf('failback');
    expect([before, steps].map((each) => each.map(({ host, text }) => `${host} ${text}`))).to.deep.equal([
      ['director1 systemctl stop keepalived'],
      ['director1 systemctl start keepalived'],
    ]);
    expect(reaction).to.equal('return');
    expect(predicted?.reaction.maxMs).to.be.within(3000, 6000);
    const entry = (atMs: number, host: string) => ({ atMs, errorMs: 0, host, kind: 'vip-added' as const, value: '' });
    expect(reactedMs([entry(5, 'director2'), entry(9, 'director1')], { reaction }, scene, 0)).to.equal(9);
  });

  it('expects nothing of an old master that does not preempt, nor of one that a drill cannot wait for', () => {
    expect(planOf('failback', changed({ nopreempt: true }))).to.include({ reaction: 'none', stays: true });
    expect(planOf('stop-keepalived', changed({ priority: 90 })).stays).to.equal(true);
    expect(drillPlan('failback', { ...scene, ...changed({ preemptDelayMs: 300_000 }) })).to.have.property(
      'obstacle',
      'by preempt_delay director1 takes the VIP back after more than the 60 s that a drill waits',
    );
  });
});

describe('a director that goes away', () => {
  const power = { off: ['wake', '--off', 'bmc1'], on: ['wake', 'bmc1'] };
  const switched = { ...cluster, directors: cluster.directors.map((one) => ({ ...one, power })) };

  it('has its link down for less time than its guard waits, and more than the other needs', () => {
    const { steps, predicted, endsAfterMs = 0 } = planOf('director-link-down');
    expect(steps[0]?.text).to.equal('ip link set dev eth0 down; sleep 10; ip link set dev eth0 up');
    expect(endsAfterMs).to.be.within((predicted?.reaction.maxMs ?? 0) + 2000, guardPlace.holdS * 1000 - 8000);
    const slow = { vrrp: new Map([['director2', vrrp(100, { advertIntMs: 3000 })]]) };
    expect(drillPlan('director-link-down', { ...scene, ...slow })).to.have.property(
      'obstacle',
      'by the configuration nobody takes over for 11 s, and the link is down for no more than 10 s',
    );
    expect(drillPlan('director-link-down', { ...scene, lostWithLink: ['fd00::10'] })).to.have.property(
      'obstacle',
      'director1 would lose fd00::10 with eth0, and IPv6 addresses do not come back with a link',
    );
  });

  it('loses its power only where the cluster file says how, and who has the VIP is switched off', () => {
    expect(drillPlan('director-power-off', scene)).to.have.property(
      'obstacle',
      'the cluster file does not say how the power of director1 is cut and comes back: `power: { off, on }`',
    );
    const { steps, boots, predicted } = planOf('director-power-off', { cluster: switched, owner: 'director2' });
    expect(steps.map(({ host, text, undoText }) => [host, text, undoText])).to.deep.equal([
      ['director2', 'on this machine: wake --off bmc1', 'on this machine: wake bmc1'],
    ]);
    expect(boots).to.equal('director2');
    expect(predicted?.outage.minMs).to.be.above(2000);
  });
});

describe('the plan of drills', () => {
  const told = (...drills: ReturnType<typeof expected>[]) =>
    planText('web', { owner: 'director1', drills, problems: [] });

  it('has what is done where, what takes it back, and what that should cost', () => {
    expect(told(expected('stop-keepalived', scene)).split('\n')).to.include.members([
      'director1 has the VIP of web. Nothing was done.',
      '  director1: systemctl stop keepalived',
      '    taken back by: systemctl start keepalived',
      '  outage: 609 ms to 1.11 s',
    ]);
    expect(told(expected('real-server-drained', scene))).to.contain('  outage: none');
  });

  it('says what cannot be done, and what is not known', () => {
    expect(told(expected('director-power-off', scene))).to.contain('cannot be done: the cluster file does not say');
    const unread = { ...scene, vrrp: new Map(), checks: new Map() };
    expect(told(expected('stop-keepalived', unread))).to.contain('  outage: not known');
    const text = planText('web', { owner: 'director1', drills: [], problems: ['director2: no permission'] });
    expect(text).to.contain('Could not be told: director2: no permission');
  });
});

describe('draining a real server', () => {
  it('edits what each director has, and nothing but the weight', () => {
    const { steps, drained } = planOf('real-server-drained');
    expect(drained).to.equal('rs1');
    expect(steps.map(({ host, means }) => [host, means.kind === 'root' ? means.input : undefined])).to.deep.equal([
      ['director1', '-e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 0\n'],
      ['director2', '-e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 0\n'],
    ]);
    expect(steps[0]?.undoText).to.equal('ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3');
  });

  it('is not done where it would leave clients without a real server, or cannot be told apart', () => {
    const absent = { rules: new Map([['director1', rules]]) };
    const already = parseIpvsRules(saved.replace('-w 3', '-w 0'));
    const one = { ...service, destinations: service.destinations.slice(0, 1) };
    expect(drillPlan('real-server-drained', { ...scene, ...absent })).to.have.property(
      'obstacle',
      'rs1 is not in the table of director2',
    );
    expect(drillPlan('real-server-drained', { ...scene, rules: new Map([['director1', already]]) })).to.have.property(
      'obstacle',
      'rs1 has weight 0 on director1 already',
    );
    expect(drillPlan('real-server-drained', { ...scene, service: one })).to.have.property('obstacle');
  });

  describe('is taken back', () => {
    let folder = '';
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'ipvet-drain-'));
      const program = join(folder, 'ipvsadm');
      writeFileSync(
        program,
        `#!/bin/sh\nif [ "$1" = -Sn ]; then cat ${folder}/table; else cat >>${folder}/said; sed -i 's/-r 10.10.10.10:80 -m -w 0/-r 10.10.10.10:80 -m -w 3/' ${folder}/table; fi\n`,
      );
      chmodSync(program, 0o755);
      writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nshift; exec "$@"\n');
      chmodSync(join(folder, 'sudo'), 0o755);
      writeFileSync(join(folder, 'said'), '');
    });
    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const undone = (table: string) => {
      writeFileSync(join(folder, 'table'), table);
      const [first] = service.destinations;
      const live = first === undefined ? undefined : liveDestination(rules, service, first);
      if (live === undefined) throw new Error('not in the table');
      const { script } = drainStep('director1', live).undo;
      const { status } = spawnSync('sh', ['-s'], {
        input: undoProgram(1, script, { folder, holdS: 20 }),
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      });
      return { status, said: readFileSync(join(folder, 'said'), 'utf8') };
    };

    it('to the weight it was found with, once', () => {
      expect(undone(saved.replace('-w 3', '-w 0'))).to.deep.equal({
        status: 0,
        said: '-e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3\n',
      });
    });

    it('only where it is drained still: what keepalived did meanwhile stays', () => {
      expect(undone(saved)).to.deep.equal({ status: 0, said: '' });
      expect(undone(saved.replace(/.*10\.10\.10\.10.*\n/, ''))).to.deep.equal({ status: 0, said: '' });
    });

    it('and says so when it was not', () => {
      writeFileSync(join(folder, 'ipvsadm'), `#!/bin/sh\n[ "$1" != -Sn ] || cat ${folder}/table\n`);
      expect(undone(saved.replace('-w 3', '-w 0')).status).to.equal(1);
    });
  });
});
