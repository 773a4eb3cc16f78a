import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { collectFacts } from '../../../lib/facts/collect.ts';
import type { FactQuestions } from '../../../lib/facts/questions.ts';
import { vipCensus } from '../../../lib/facts/vip-census.ts';
import type { Fact, VipCensus } from '../../../lib/model/facts.ts';
import { censusQuestions } from '../../../lib/privileges/index.ts';
import { aCluster, aDirectCluster, aService, aRealServer, hostNamed } from '../../builders.ts';
import { aSection, someQuestions } from './a-section.ts';
import { shellHost, type ShellHostOptions } from './shell-host.ts';

const cluster = aDirectCluster('dr');
const census = censusQuestions(cluster, hostNamed(cluster, 'rs1'));
const questions = someQuestions({ facts: ['vipCensus', 'hostname'], census });

/** arping in front of the machine's own; `$#` words, the last of which is the VIP. */
const answering = `for vip do :; done; echo "ARPING $vip"
echo "Unicast reply from $vip [02:4C:56:53:00:01]  0.6ms"; echo 'Sent 1 probes (1 broadcast(s))'`;

async function collected(options: ShellHostOptions, asked: FactQuestions = questions) {
  const host = await shellHost(options);
  try {
    return await collectFacts(host, asked, { signal: new AbortController().signal });
  } finally {
    await host.close();
  }
}

describe('census of a VIP on a host', () => {
  before(function () {
    // Whoever is not root is asked through sudo, which is none of this test's.
    if (process.getuid?.() !== 0) this.skip();
  });

  for (const shell of ['sh', 'bash'])
    it(`comes back from ${shell} with everything else`, async () => {
      const prefix = ['sh', '-c', `shift; exec ${shell} "$@"`, 'sh'];
      const { facts } = await collected({ programs: { arping: answering }, prefix });
      expect(facts.vipCensus).to.deep.include({
        known: true,
        value: {
          questions: [
            { vip: '192.168.122.100', interface: 'eth0', source: '192.168.122.11', answers: ['02:4c:56:53:00:01'] },
          ],
        } satisfies VipCensus,
      });
      expect(facts.vipCensus?.evidence).to.deep.include({
        command: 'arping -b -c 1 -I eth0 -s 192.168.122.11 192.168.122.100',
      });
      expect(facts.vipCensus?.evidence?.output).to.match(/^ARPING 192[^@]*probes[^@]*$/);
      expect(facts.hostname).to.include({ known: true });
    });

  it('waits for all questions at once', async () => {
    const realServers = [aRealServer(1, { interface: 'eth0' })];
    const vips = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
    const many = aCluster({
      realServers,
      virtualServices: vips.map((vip) => aService(realServers, { name: vip, vip, forwarding: 'dr' })),
    });
    const asked = { ...questions, census: censusQuestions(many, hostNamed(many, 'rs1')) };
    const { facts, durationMs } = await collected({ programs: { arping: `${answering}; sleep 0.5` } }, asked);
    const value = facts.vipCensus?.known === true ? facts.vipCensus.value : undefined;
    expect(value?.questions.map(({ vip }) => vip)).to.deep.equal(vips);
    expect(durationMs).to.be.lessThan(4 * 500);
  });

  describe('is waited for', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'ipvet-census-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    /** Counts its runs in `asked`. Answers after so many seconds, and ends after 1 s, or on SIGINT as arping does. */
    const slow = (afterS: number) => `echo run >>${join(folder, 'asked')}
exec perl -e '$| = 1; $SIG{INT} = sub { print "Sent 1 probes (1 broadcast(s))\\n"; exit 0 };
select(undef, undef, undef, ${afterS}); print "Unicast reply from 192.168.122.100 [02:4C:56:53:00:01]  0.6ms\\n" if ${afterS} < 1;
select(undef, undef, undef, 1 - ${afterS}); kill INT => $$' -- "$@"`;
    const runs = () => readFileSync(join(folder, 'asked'), 'utf8').split('\n').length - 1;
    const answersOf = (fact: Fact<VipCensus> | undefined) =>
      fact?.known === true ? fact.value.questions[0]?.answers : undefined;

    it('half a second where somebody answers soon', async () => {
      const { facts, durationMs } = await collected({ programs: { arping: slow(0.01) } });
      expect(answersOf(facts.vipCensus)).to.deep.equal(['02:4c:56:53:00:01']);
      expect(runs()).to.equal(1);
      expect(durationMs).to.be.within(450, 950);
    });

    it('a third of a second where many ask', async () => {
      const realServers = Array.from({ length: 10 }, (_, index) => aRealServer(index + 1, { interface: 'eth0' }));
      const service = aService(realServers, { vip: '192.168.122.100', forwarding: 'dr' });
      const many = aCluster({ realServers, virtualServices: [service] });
      const asked = { ...questions, census: censusQuestions(many, hostNamed(many, 'rs1')) };
      const { facts, durationMs } = await collected({ programs: { arping: slow(0.01) } }, asked);
      expect(answersOf(facts.vipCensus)).to.deep.equal(['02:4c:56:53:00:01']);
      expect(runs()).to.equal(1);
      expect(durationMs).to.be.within(250, 480);
    });

    it('a second, asked again, where nobody does', async () => {
      const { facts } = await collected({ programs: { arping: slow(0.7) } });
      expect(answersOf(facts.vipCensus)).to.deep.equal(['02:4c:56:53:00:01']);
      expect(runs()).to.equal(2);
    });

    it('half a second by a director, whom nobody answers while it has the VIP', async () => {
      const flat = {
        ...cluster,
        directors: cluster.directors.map((each) => ({ ...each, interface: each.vipInterface })),
      };
      const asked = { ...questions, census: censusQuestions(flat, hostNamed(flat, 'director1')) };
      const { facts } = await collected({ programs: { arping: slow(1) } }, asked);
      expect(answersOf(facts.vipCensus)).to.deep.equal([]);
      expect(runs()).to.equal(1);
    });
  });

  it('is missing where the tool is, asks with other words, or failed', async () => {
    const with_ = async (arping: string) => (await collected({ programs: { arping } })).facts.vipCensus;
    expect(await with_('exit 127')).to.include({ known: false, reason: 'tool-absent' });
    const bind = await with_('echo "arping: bind: Cannot assign requested address" >&2; exit 2');
    expect(bind).to.include({ known: false, reason: 'command-failed' });
    expect(bind).to.have.property('message').that.includes('bind: Cannot assign requested address');
    const other = await with_('echo "60 bytes from 02:00:00:00:00:01 (192.168.122.100): index=0"');
    expect(other).to.have.property('hint').that.includes('iputils');
  });
});

describe('census of a VIP', () => {
  it('keeps what could be asked where a part of it failed', () => {
    const [one] = census;
    if (one === undefined) throw new Error('the real server of this test asks nothing');
    const stdout = `@asked 1 2\narping: Device eth9 not available.\n@asked 0 0\nSent 1 probes (1 broadcast(s))\n`;
    const two = someQuestions({ census: [one, { ...one, vip: '192.168.122.101' }] });
    expect(vipCensus.parse(aSection({ stdout }), two).questions).to.deep.equal([
      { vip: one.vip, interface: 'eth0', source: '192.168.122.11', answers: [] },
    ]);
  });

  it('is empty, and says why, where nothing could be asked', () => {
    expect(vipCensus.parse(aSection(), someQuestions())).to.deep.equal({ questions: [] });
    expect(vipCensus.show?.(aSection())).to.include('the cluster file names no interface');
    expect(vipCensus.script(someQuestions(), 3)).to.equal('');
  });
});
