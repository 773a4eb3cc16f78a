import { expect } from 'chai';
import { Unanswered } from '../../../lib/facts/collector.ts';
import { collectFacts } from '../../../lib/facts/collect.ts';
import { connectionSync } from '../../../lib/facts/connection-sync.ts';
import { keepalived } from '../../../lib/facts/keepalived.ts';
import { keepalivedConf } from '../../../lib/facts/keepalived-conf.ts';
import { keepalivedJournal } from '../../../lib/facts/keepalived-journal.ts';
import { keepalivedTest } from '../../../lib/facts/keepalived-test.ts';
import { rootCommandsOf, rootScope } from '../../../lib/privileges/index.ts';
import { aCluster, hostNamed } from '../../builders.ts';
import { aPair, conf } from '../../pair-facts.ts';
import { aSection, someQuestions } from './a-section.ts';
import { shellHost } from './shell-host.ts';

const pair = aPair();
const questions = someQuestions({ root: { ...rootScope(pair, hostNamed(pair, 'director1')), tiers: ['read'] } });
const instance = (priority: string) => `vrrp_instance A {\n priority ${priority}\n auth_pass s3cr3tpw\n}\n`;
const parsed = (files: Readonly<Record<string, string>>, change: Parameters<typeof aSection>[0] = {}) =>
  keepalivedConf.parse(aSection({ files: new Map(Object.entries(files)), ...change }), questions);

describe('keepalived of a director', () => {
  it('has a version and a process, or is not there', () => {
    const said = 'Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C) 2001-2022\n';
    const found = (stdout: string) => keepalived.parse(aSection({ stdout }), questions);
    expect(found(`@runs\n${said}`)).to.deep.equal({ version: '2.2.7', running: true });
    expect(found(said)).to.deep.equal({ version: '2.2.7', running: false });
    expect(found('')).to.deep.equal({ running: false });
    expect(keepalived.show?.(aSection({ stdout: `@runs\n${said}` }))).to.equal(
      'a process keepalived runs\nKeepalived v2.2.7 (01/16,2022)\n',
    );
  });

  it('has a configuration, read as root where need be, and none where there is no file', () => {
    expect(parsed({}).files).to.deep.equal([]);
    expect(parsed({ [conf]: instance('7') }).instances[0]?.priority).to.equal(7);
    const stdout = `@text ${conf}\n${instance('8')}\n@text = 0\n`;
    expect(parsed({}, { stdout, unreadable: [conf] }).instances[0]?.priority).to.equal(8);
    const refused = { stdout: `@text ${conf}\n\n@text = 126\n`, unreadable: [conf] };
    expect(() => parsed({}, refused)).to.throw(Unanswered, 'cannot be read by ops');
  });

  it('reads its lines by the name of the host, or the one it is given', () => {
    const text = '@lb1 vrrp_instance A {\n priority 7\n}\n@other vrrp_instance B {\n}\n';
    const named = { [conf]: text, '/proc/sys/kernel/hostname': 'lb1.example.com\n' };
    expect(parsed(named).instances.map(({ name }) => name)).to.deep.equal(['A']);
    const given = { ...named, '/etc/default/keepalived': '# -i no\nDAEMON_ARGS="--config-id other"\n' };
    expect(parsed(given).instances.map(({ name }) => name)).to.deep.equal(['B']);
    const elsewhere = { ...named, '/etc/sysconfig/keepalived': 'KEEPALIVED_OPTIONS="-D -f /srv/ha.conf"\n' };
    expect(parsed(elsewhere).unsure[0]?.what).to.include('/srv/ha.conf');
  });

  it('is shown with file and line, without passwords', () => {
    const files = new Map([[conf, `# ours\n${instance('7')}`]]);
    expect(keepalivedConf.show?.(aSection({ files }))).to.equal(
      [
        `${conf}:2: vrrp_instance A {`,
        `${conf}:3: priority 7`,
        `${conf}:4: auth_pass [redacted]`,
        `${conf}:5: }`,
        '',
      ].join('\n'),
    );
  });

  it('judges its configuration, unless a signal ended it', () => {
    const found = keepalivedTest.parse(aSection({ exitCode: 5, stderr: "Unknown keyword 'x'\n" }), questions);
    expect(found).to.deep.equal({ exitCode: 5, complaints: ["Unknown keyword 'x'"] });
    expect(() => keepalivedTest.parse(aSection({ exitCode: 139 }), questions)).to.throw(Unanswered, '139');
  });

  it('has a journal, by the clock of the host', () => {
    const stdout = '100.500000 lb1 Keepalived_vrrp[7]: (A) Entering MASTER STATE\n';
    const clock = { text: '130.5', notBeforeMs: 0, notAfterMs: 1 };
    expect(keepalivedJournal.parse(aSection({ stdout, clock }), questions).transitions).to.deep.equal([
      { instance: 'A', state: 'MASTER', agoS: 30 },
    ]);
    expect(() => keepalivedJournal.parse(aSection({ exitCode: 1, stderr: 'no journal' }), questions)).to.throw(
      Unanswered,
      'no journal',
    );
  });

  it('has sync daemons and what came of them', () => {
    const stdout = '@rows 4 0\nmaster sync daemon (mcast=eth0, syncid=51)\n';
    expect(connectionSync.parse(aSection({ stdout }), questions)).to.deep.equal({
      daemons: [{ role: 'master', interface: 'eth0', id: 51 }],
      rows: { local: 4, synced: 0 },
    });
    expect(connectionSync.parse(aSection(), questions)).to.deep.equal({ daemons: [] });
    expect(connectionSync.show?.(aSection({ stdout }))).to.include('ESTABLISHED: 4 LOCAL, 0 SYNC');
  });

  it('is asked about as root only where a second director stands by', () => {
    const words = (cluster: ReturnType<typeof aCluster>) =>
      cluster.directors.flatMap((host) => rootCommandsOf(rootScope(cluster, host)).map(({ argv }) => argv.join(' ')));
    expect(words(aCluster()).join('\n')).to.not.include('journalctl');
    const pair = words(aPair({ rules: { managedBy: 'ipvsadm' } }));
    expect(pair).to.include('keepalived --config-test').and.include(`cat ${conf}`).and.include('ipvsadm -Ln --daemon');
    const managed = words(aPair()).filter((line) => line === `cat ${conf}`);
    expect(managed).to.have.length(2);
  });

  it('is asked of no other host', () => {
    const elsewhere = someQuestions({ root: { ...rootScope(pair, hostNamed(pair, 'rs1')), tiers: ['read'] } });
    for (const one of [keepalived, keepalivedConf, keepalivedTest, keepalivedJournal, connectionSync]) {
      expect(one.script(elsewhere, 3), one.fact).to.equal('');
      expect(one.files?.(elsewhere) ?? []).to.deep.equal([]);
      expect(() => one.parse(aSection(), elsewhere)).to.throw(Unanswered, 'only directors');
    }
  });

  it('comes back from a shell in one round trip', async () => {
    const host = await shellHost();
    try {
      const facts = ['keepalived', 'keepalivedConf', 'multicast'] as const;
      const report = await collectFacts(host, { ...questions, facts }, { signal: AbortSignal.timeout(20_000) });
      expect(report.facts.multicast?.known).to.equal(true);
      expect(report.facts.keepalived).to.have.property('known', true);
    } finally {
      await host.close();
    }
  });
});
