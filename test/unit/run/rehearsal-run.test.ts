/** What a run would do, from its options alone: who is touched, in which order, as whom. */
import { expect } from 'chai';

import { rulesBatch } from '../../../lib/ipvs/batch.ts';
import { planRules } from '../../../lib/ipvs/plan.ts';
import { type Cluster, hostsOf } from '../../../lib/model/cluster.ts';
import type { RehearsedCommand } from '../../../lib/run/rehearsal.ts';
import { composeRun, type DirectorRules } from '../../../lib/run/rehearsal-run.ts';
import type { Selection } from '../../../lib/run/selection.ts';
import type { Login } from '../../../lib/ssh/line.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { aCluster, aProfile } from '../../builders.ts';

const noForwarding = 'where its sshd forwards no connection: else the pages are fetched through that';
const everything: Selection = { allow: { traffic: true, change: true }, stages: ['pre', 'post', 'traffic'] };

function logins(cluster: Cluster, user: string, become: Login['become'] = 'sudo'): ReadonlyMap<string, Login> {
  return new Map(hostsOf(cluster).map((declaration) => [declaration.name, { declaration, user, become }]));
}

/** As planned on a director that has no rules at all. */
function emptyDirector(cluster: Cluster): DirectorRules {
  const plan = planRules(cluster, { services: [] });
  return {
    director: 'director1',
    batch: rulesBatch('director1', plan, { saved: [] }),
    occupied: { before: false, after: true },
  };
}

function compose(
  selection: Selection,
  {
    user = 'ops',
    become = 'sudo',
    rules = [emptyDirector(aCluster())],
  }: { user?: string; become?: Login['become']; rules?: readonly DirectorRules[] } = {},
): readonly RehearsedCommand[] {
  const cluster = aCluster();
  const inputs = { cluster, selection, pairs: pairsOf(cluster), profile: aProfile(), rules };
  return composeRun({ ...inputs, logins: logins(cluster, user, become) }).commands;
}

const stagesOf = (commands: readonly RehearsedCommand[]) => [...new Set(commands.map(({ stage }) => stage))];
const rootPrograms = (commands: readonly RehearsedCommand[]) =>
  commands.filter(({ user }) => user === 'root').map(({ argv }) => argv.join(' '));

describe('rehearsal of a run', () => {
  it('locks first, restores last', () => {
    expect(stagesOf(compose(everything))).to.deep.equal([
      'lock',
      'facts',
      'rules',
      'facts post',
      'load web',
      'probe web',
      'restore',
    ]);
  });

  it('changes the rules in one call, and names what takes each line back', () => {
    const [change, ...others] = compose(everything).filter(({ argv }) => argv.join(' ').endsWith('ipvsadm -R'));
    expect(others).to.deep.equal([]);
    expect(change).to.include({ host: 'director1', tier: 'change', stage: 'rules', user: 'ops' });
    expect(change?.root).to.have.length(1);
    expect(change?.root?.[0]).to.deep.include({ argv: ['ipvsadm', '-R'], via: 'sudo' });
    expect(change?.stdin?.split('\n')[0]).to.equal('-A -t 192.168.122.100:80 -s rr');
    expect(change?.undo?.trimEnd().split('\n').at(-1)).to.equal('-D -t 192.168.122.100:80');
    const undo = compose(everything).find(({ stage, stdin }) => stage === 'restore' && stdin !== undefined);
    expect(undo?.stdin).to.include(change?.undo);
    expect(undo?.root?.map(({ argv }) => argv.join(' '))).to.deep.equal(['ipvsadm -R', 'ipvsadm -Sn']);
  });

  it('changes nothing and undoes nothing where the rules are as declared, and looks all the same', () => {
    const settled = { ...emptyDirector(aCluster()), occupied: { before: true, after: true } };
    const same = { ...settled, batch: rulesBatch('director1', { operations: [] }, { saved: [] }) };
    const commands = compose(everything, { rules: [same] });
    expect(commands.some(({ argv }) => argv.includes('-R'))).to.equal(false);
    expect(commands.filter(({ stage }) => stage === 'rules').map(({ tier }) => tier)).to.deep.equal(['read', 'read']);
  });

  it('without consent to change there is neither lock nor change nor restore, and hosts are asked once', () => {
    const commands = compose({ ...everything, allow: { traffic: true, change: false } }, { rules: [] });
    expect(stagesOf(commands)).to.deep.equal(['facts', 'load web', 'probe web']);
    expect(new Set(commands.map(({ tier }) => tier))).to.deep.equal(new Set(['read', 'traffic']));
  });

  it('prerequisites alone are one command for each host, and one more where its sshd forwards nothing', () => {
    const commands = compose({ allow: { traffic: false, change: false }, stages: ['pre'] }, { rules: [] });
    const [always, otherwise] = [true, false].map((wanted) =>
      commands.filter(({ condition }) => (condition === undefined) === wanted),
    );
    // The client is this machine, without a sshd.
    expect(otherwise?.map(({ host }) => host)).to.deep.equal(['director1', 'rs1', 'rs2', 'rs3']);
    expect(new Set(otherwise?.map(({ condition }) => condition))).to.deep.equal(new Set([noForwarding]));
    expect(always?.map(({ host }) => host)).to.deep.equal(hostsOf(aCluster()).map(({ name }) => name));
    expect(new Set(commands.map(({ tier }) => tier))).to.deep.equal(new Set(['read']));
  });

  it('leaves out what --limit leaves out', () => {
    const commands = compose(
      {
        allow: { traffic: false, change: false },
        stages: ['pre'],
        checks: ['network/selinux'],
        limit: ['rs2'],
      },
      { rules: [] },
    );
    expect(new Set(commands.map(({ host }) => host))).to.deep.equal(new Set(['rs2']));
  });

  it('a login as root needs no sudo', () => {
    const commands = compose(everything, { user: 'root' });
    expect(commands.filter(({ via }) => via !== undefined)).to.deep.equal([]);
    expect(rootPrograms(commands).filter((line) => line.endsWith('ipvsadm -R'))).to.have.length(1);
    expect(commands.flatMap(({ root = [] }) => root).every(({ via }) => via === undefined)).to.equal(true);
  });

  it('without sudo nothing is said to run as root', () => {
    const commands = compose(
      { allow: { traffic: false, change: false }, stages: ['pre'] },
      { become: 'none', rules: [] },
    );
    expect(commands.flatMap(({ root = [] }) => root)).to.deep.equal([]);
  });

  it('what is looked at because requests failed has its condition', () => {
    const conditional = compose(everything).filter(({ condition }) => condition !== undefined);
    const under = (wanted: string) => conditional.filter(({ condition }) => condition === wanted);
    expect(under('when requests fail')).to.have.length(2);
    // Before and after: the client, three real servers and the director; and its table once.
    expect(under('when requests fail and what is known leaves the cause open')).to.have.length(11);
    // The director once more with the rules in place.
    const asked = ['director1', 'rs1', 'rs2', 'rs3', 'director1'];
    expect(under(noForwarding).map(({ host }) => host)).to.deep.equal(asked);
    expect(conditional).to.have.length(13 + asked.length);
  });

  it('is the same every time: nothing in it is made up on the way', () => {
    expect(compose(everything)).to.deep.equal(compose(everything));
  });
});
