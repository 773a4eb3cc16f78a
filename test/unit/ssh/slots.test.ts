import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { Slots } from '../../../lib/ssh/slots.ts';

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('lets so many in, then first come first served', async () => {
    const slots = new Slots(2);
    const first = await slots.take(never);
    await slots.take(never);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      const release = await slots.take(never);
      order.push(n);
      await tick();
      release();
    });
    await tick();
    expect(order).to.deep.equal([]);
    expect(slots.taken).to.equal(2);
    first();
    first();
    await Promise.all(waiting);
    expect(order).to.deep.equal([1, 2, 3]);
    expect(slots.taken).to.equal(1);
  });

  it('lets nobody slip in between a release and the one who waits', async () => {
    const slots = new Slots(1);
    const release = await slots.take(never);
    const waiting = slots.take(never);
    release();
    const late = slots.take(never);
    expect(slots.taken).to.equal(1);
    (await waiting)();
    (await late)();
    expect(slots.taken).to.equal(0);
  });

  it('can be lowered, never below one', async () => {
    const slots = new Slots(3);
    const releases = [await slots.take(never), await slots.take(never)];
    slots.lower(0);
    let in3 = false;
    const third = slots.take(never).then((release) => {
      in3 = true;
      release();
    });
    releases[0]?.();
    await tick();
    expect(in3).to.be.false;
    releases[1]?.();
    await third;
  });

  it('stops waiting when the signal fires', async () => {
    const slots = new Slots(1);
    const release = await slots.take(never);
    const abort = new AbortController();
    const waiting = slots.take(abort.signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    abort.abort();
    expect(await waiting)
      .to.be.instanceOf(IpvetError)
      .with.property('code', 'ABORTED');
    release();
    (await slots.take(never))();
    expect(slots.taken).to.equal(0);
  });
});
