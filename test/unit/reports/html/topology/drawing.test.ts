import { expect } from 'chai';
import type { RunRecord } from '../../../../../lib/model/run-record.ts';
import { type Drawing, drawingOf } from '../../../../../reports/html/topology/drawing.ts';
import { hopOf } from '../../../../../reports/html/topology/hops.ts';
import { renderHtml } from '../../../../../reports/html/page.ts';
import { caseNamed } from '../../../../golden/cases.ts';
import { crowd, forwardedBy } from '../../../../golden/crowds.ts';

function drawingOfFirst(record: RunRecord): Drawing {
  const [service] = record.cluster.services;
  if (service === undefined) throw new RangeError('the record has a service');
  return drawingOf(record, service);
}
const servers = (record: RunRecord) => drawingOfFirst(record).servers;

describe('picture of a cluster', () => {
  it('breaks at the answers of the real server whose gateway is wrong, and names the way they take', () => {
    const [rs1, rs2] = servers(caseNamed('nat-rs-gateway'));
    expect(rs2?.trouble).to.include({ hop: 'reply', cause: 'nat-rs-gateway-not-director', number: 1 });
    expect(rs2).to.include({ traffic: 'lost', route: 'via 10.10.10.254' });
    expect(rs1).to.not.have.property('trouble');
  });

  it('breaks between director and real server where the cause does', () => {
    const [, rs2] = servers(forwardedBy('tun', 'tun-proto4-filtered'));
    expect(rs2?.trouble).to.include({ hop: 'forward' });
  });

  it('has room for a VIP of IPv4, the address of a director and the name of a cause', () => {
    const page = renderHtml(caseNamed('nat-rs-gateway'));
    const texts = [...page.matchAll(/<text[^>]*class="t-text[^>]*>([^<]*)<\/text/g)].map(([, text = '']) => text);
    expect(texts).to.include.members([
      'VIP 192.168.122.100:80/tcp',
      'director1 · 192.168.122.10',
      '1 nat-rs-gateway-not-director',
    ]);
  });

  it('breaks nowhere in a healthy run', () => {
    const drawing = drawingOfFirst(caseNamed('healthy'));
    expect(drawing).to.not.have.any.keys('request', 'vip');
    expect([...drawing.servers, ...drawing.directors].filter(({ trouble }) => trouble !== undefined)).to.deep.equal([]);
    expect(drawing.servers.map(({ traffic }) => traffic)).to.deep.equal(['answers', 'answers', 'answers']);
  });

  it('says of a run without load that nothing was observed, not that nothing came', () => {
    expect(new Set(servers(caseNamed('unreachable')).map(({ traffic }) => traffic))).to.deep.equal(
      new Set(['unobserved']),
    );
  });

  it('tells a quiesced real server from one that answers nothing', () => {
    const all = servers(crowd(10, [0]));
    expect(all[0]).to.include({ traffic: 'lost' });
    expect(all[9]).to.include({ traffic: 'idle', weight: 0 });
  });

  it('does not count answers that name nobody as missing', () => {
    const record = caseNamed('healthy');
    const load = record.load.map((one) => ({ ...one, answersByRealServer: {}, unattributed: one.answered }));
    expect(new Set(servers({ ...record, load }).map(({ traffic }) => traffic))).to.deep.equal(new Set(['answers']));
    const failing = load.map((one) => ({ ...one, failed: 10 }));
    expect(new Set(servers({ ...record, load: failing }).map(({ traffic }) => traffic))).to.deep.equal(
      new Set(['unobserved']),
    );
  });

  it('shows what a failed check found where nothing was diagnosed', () => {
    const record = caseNamed('nat-rs-gateway');
    const verdicts = record.verdicts.map((verdict) =>
      verdict.check === 'real-server/reply-route' && verdict.outcome === 'fail'
        ? { ...verdict, faults: ['nat-rs-gateway-not-director'] }
        : verdict,
    );
    const [, rs2] = servers({ ...record, diagnoses: [], verdicts });
    expect(rs2?.trouble).to.include({ hop: 'reply' }).and.to.not.have.property('number');
  });

  it('puts a cause without a line of its own at the host it was found on', () => {
    const record = caseNamed('nat-rs-gateway');
    const found = (host: string) =>
      drawingOfFirst({
        ...record,
        diagnoses: record.diagnoses.map((diagnosis) => ({ ...diagnosis, cause: 'your-own', host })),
      });
    expect(found('director1').directors[0]?.trouble).to.include({ hop: 'director' });
    expect(found('rs3').servers[2]?.trouble).to.include({ hop: 'server' });
    expect(found('client1').request).to.include({ hop: 'request' });
  });

  it('knows no hop of an inherited name', () => {
    expect(hopOf('constructor')).to.equal(undefined);
  });

  it('is drawn with a cross that leads to the finding', () => {
    const page = renderHtml(caseNamed('nat-rs-gateway'));
    expect(page).to.match(/<a href="#cause-1" aria-label="nat-rs-gateway-not-director">\s*<g class="t-cross">/);
  });
});
