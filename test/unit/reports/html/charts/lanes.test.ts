import { expect } from 'chai';
import fc from 'fast-check';
import type { Failover, TimelineEntry } from '../../../../../lib/model/failover.ts';
import { directorsOf, ownersOf, spanOf } from '../../../../../reports/html/charts/holding.ts';
import { lanesChart } from '../../../../../reports/html/charts/lanes.ts';
import { span } from '../../../../../reports/html/charts/scale.ts';
import { drills } from '../../../../golden/drills.ts';

/** The first of that scenario in the golden run. */
function drillOf(scenario: Failover['scenario'], change: Partial<Failover> = {}): Failover {
  const found = drills().find((drill) => drill.scenario === scenario);
  if (found === undefined) throw new RangeError(`no drill of ${scenario}`);
  return { ...found, ...change };
}

const held = (drill: Failover) =>
  Object.fromEntries(
    directorsOf(drill).map(({ name, holdings }) => [
      name,
      holdings.map(({ fromMs, toMs, value }) => [fromMs, toMs, value]),
    ]),
  );

const pictureOf = (drill: Failover) => lanesChart(drill).toString().replace(/\s+/g, ' ');
const bars = (svg: string, kind: string) => svg.split(`class="${kind}"`).length - 1;

describe('who has the VIP in a drill', () => {
  it('is the one that loses it, until the other takes it', () => {
    expect(held(drillOf('stop-keepalived'))).to.deep.equal({
      director1: [
        [-2000, 50, true],
        [50, 6900, false],
        [6900, 9800, true],
      ],
      director2: [
        [-2000, 610, false],
        [610, 6940, true],
        [6940, 9800, false],
      ],
    });
    expect(ownersOf(drillOf('stop-keepalived'))).to.deep.equal({ before: 'director1', after: 'director2' });
  });

  it('are both while the one that was killed keeps it', () => {
    expect(held(drillOf('kill-keepalived'))).to.deep.equal({
      director1: [[-2000, 11_400, true]],
      director2: [
        [-2000, 3740, false],
        [3740, 8850, true],
        [8850, 11_400, false],
      ],
    });
  });

  it('is not made up where no change was seen and nobody has it in the end', () => {
    const { failback, ...drill } = drillOf('vrrp-partition');
    const { owner, ...nobody } = failback;
    expect(owner).to.equal('director1');
    const unknown = { ...drill, failback: nobody };
    for (const holdings of Object.values(held(unknown))) expect(holdings).to.deep.equal([[-2000, 15_000, undefined]]);
    expect(pictureOf(unknown)).to.contain('not known, -2.00 s to 15.00 s');
    expect(pictureOf(unknown)).to.contain('who has the VIP was not seen');
  });
});

describe('picture of a drill', () => {
  it('has a lane for each director and each way to fail, the phases, and what was done', () => {
    const svg = pictureOf(drillOf('stop-keepalived'));
    expect(svg.match(/class="tick strong host" >?(\w+)/g)).to.have.length(5);
    for (const label of ['connect-timeout', 'reset', 'answered', 'from peer, at most 1,234'])
      expect(svg).to.contain(`>${label}</text`);
    expect([bars(svg, 'bar'), bars(svg, 'phase-detect'), bars(svg, 'bracket')]).to.deep.equal([3, 2, 4]);
    expect(svg).to.contain('step: stop keepalived (director1)').and.contain('taken back: systemctl start keepalived');
    expect(svg).to.contain('0 destinations').and.contain('predicted 609 ms to 1.11 s');
    expect(svg).to.match(
      /aria-label="Lanes over time of stop-keepalived: outage 640 ms, predicted 609 ms to 1\.11 s; the VIP went from director1 to director2; /,
    );
  });

  it('crosses out connections that broke, and no others', () => {
    expect(bars(pictureOf(drillOf('real-server-down')), 'broke')).to.equal(3);
    expect(bars(pictureOf(drillOf('kill-keepalived')), 'broke')).to.equal(0);
  });

  it('says failed where a record does not say how, unless there was one way only', () => {
    const { client, ...drill } = drillOf('stop-keepalived');
    const { fromMs, answered, failed } = client;
    expect(pictureOf({ ...drill, client: { fromMs, answered, failed } })).to.contain('>failed</text');
    const errors = { 'connect-timeout': 64 };
    expect(
      pictureOf({ ...drill, client: { fromMs, answered, failed }, takeover: { ...drill.takeover, errors } }),
    ).to.contain('>connect-timeout</text');
  });

  it('tells the same thing done to several hosts once', () => {
    const drill = drillOf('real-server-down');
    const others = drill.timeline
      .filter(({ kind }) => kind === 'step')
      .flatMap((entry) => ['rs2', 'rs3'].map((host) => ({ ...entry, host })));
    const svg = pictureOf({ ...drill, timeline: [...drill.timeline, ...others] });
    expect(svg).to.contain('be silent on tcp port 80 (rs1, rs2, rs3)');
    expect(bars(svg, 'did step')).to.equal(1);
  });

  it('is drawn within its frame whatever the timeline says', () => {
    const kinds: readonly TimelineEntry['kind'][] = [
      'step',
      'undo',
      'vip-added',
      'vip-removed',
      'destinations',
      'synced-entries',
      'neighbour',
    ];
    const entry = fc.record({
      atMs: fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      errorMs: fc.nat(5000),
      host: fc.constantFrom('director1', 'director2', 'rs1'),
      kind: fc.constantFrom(...kinds),
      value: fc.oneof(fc.string(), fc.nat().map(String)),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.array(fc.nat(20), { maxLength: 30 }), (timeline, failed) => {
        const svg = pictureOf(
          drillOf('kill-keepalived', {
            timeline,
            client: { fromMs: -100, answered: failed.map((n) => 20 - n), failed },
          }),
        );
        expect(svg.replace(/>[^<]*</g, '><').replace(/aria-label="[^"]*"/, '')).to.not.match(/NaN|Infinity|undefined/);
        for (const [, name, value] of svg.matchAll(/ (x|y|width|height)="(-?[\d.]+)"/g))
          expect(Number(value), name).to.be.within(0, 960);
      }),
    );
  });

  it('has nothing to say of a drill without a timeline but that it was made', () => {
    const { takeover, failback } = drillOf('kill-keepalived');
    const bare = drillOf('kill-keepalived', {
      timeline: [],
      client: { fromMs: 0, answered: [], failed: [] },
      takeover: { ...takeover, phases: [] },
      failback: { ...failback, phases: [] },
    });
    expect(spanOf(bare)).to.deep.equal([0, 11_400]);
    expect(pictureOf(bare)).to.contain('<svg');
  });
});

describe('a scale between two moments', () => {
  it('has 0 among its labels and stays between its ends', () => {
    const x = span(-2, 9.8, 100, 200);
    expect(x.ticks).to.include(0).and.to.include(-2);
    expect([x(-2), x(9.8), x(1e9), x(-1e9)]).to.deep.equal([100, 200, 200, 100]);
    expect(span(NaN, NaN, 0, 1)(5)).to.equal(1);
  });
});
