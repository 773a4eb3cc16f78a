import { expect } from 'chai';
import type { RunRecord } from '../../../../../lib/model/run-record.ts';
import { type Drawing, drawingOf } from '../../../../../reports/html/topology/drawing.ts';
import { type Box, groupsOf, type Layout, layoutOf, mostCards } from '../../../../../reports/html/topology/layout.ts';
import { crowd, forwardedBy } from '../../../../golden/crowds.ts';

function drawn(record: RunRecord): { readonly drawing: Drawing; readonly layout: Layout } {
  const [service] = record.cluster.services;
  if (service === undefined) throw new RangeError('the record has a service');
  const drawing = drawingOf(record, service);
  return { drawing, layout: layoutOf(drawing) };
}

function boxesOf({ clients, directors, cards, detours }: Layout): readonly Box[] {
  return [...clients, ...directors, ...cards.map(({ box }) => box), ...detours.map(({ box }) => box)];
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('layout of the picture of a cluster', () => {
  for (const forwarding of ['nat', 'dr', 'tun'] as const) {
    for (const servers of [0, 1, 2, 8, 9, 50, 500]) {
      it(`puts nothing on anything else, and nothing outside: ${servers} real servers, ${forwarding}`, () => {
        const lost = Array.from({ length: Math.ceil(servers / 3) }, (_, index) => index * 3);
        const { layout } = drawn(crowd(servers, lost, forwarding));
        const boxes = boxesOf(layout);
        for (const [index, box] of boxes.entries()) {
          expect(box.x).to.be.at.least(0);
          expect(box.y).to.be.at.least(0);
          expect(box.x + box.width).to.be.below(layout.bus.x);
          expect(box.y + box.height).to.be.below(layout.height);
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).to.equal(false);
        }
      });

      it(`has each of ${servers} real servers once, ${forwarding}`, () => {
        const { drawing, layout } = drawn(
          crowd(
            servers,
            [1, 2, 3].filter((index) => index < servers),
            forwarding,
          ),
        );
        const names = layout.cards.flatMap((card) => card.servers.map(({ name }) => name));
        expect(names.toSorted()).to.deep.equal(drawing.servers.map(({ name }) => name).toSorted());
      });
    }
  }

  it('stays small however many real servers there are, and shows those with trouble by themselves', () => {
    const { layout } = drawn(crowd(500, [17, 230, 444]));
    expect(layout.height).to.be.below(1200);
    const alone = layout.cards.filter(({ servers }) => servers.length === 1).map(({ servers: [one] }) => one.name);
    expect(alone).to.include.members(['rs18', 'rs231', 'rs445']);
  });

  it('keeps to so many boxes when every real server is in another state', () => {
    const { drawing } = drawn(crowd(500));
    const servers = drawing.servers.map((server, index) => ({
      ...server,
      trouble: { hop: 'server' as const, cause: `cause-${index}` },
    }));
    const groups = groupsOf(servers);
    expect(groups.length).to.be.at.most(2 * mostCards - 3);
    expect(groups.flat()).to.have.length(500);
  });

  it('leaves room for the next hop that answers take astray', () => {
    const { layout } = drawn(forwardedBy('nat', 'nat-rs-gateway-not-director'));
    expect(layout.detours.map(({ via }) => via)).to.deep.equal(['10.10.10.254']);
  });
});
