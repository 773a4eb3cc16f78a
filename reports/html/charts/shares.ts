/** One real server's share: what was observed as a bar, what was expected as a line across it. */
import { html, type Markup, nothing } from '../markup.ts';
import { at, linear } from './scale.ts';

const width = 260;

/**
 * `range`: confidence interval, or what the scheduler may have given; drawn as a bracket. `most` is the largest share of the service, so that its
 * bars compare. Decorative: the numbers stand beside it.
 */
export function shareBar(expected: number, observed: number, most: number, range?: readonly [number, number]): Markup {
  const x = linear(most, 0, width - 2, 1);
  const whole = (share: number) => (Number.isFinite(share) ? share : 0);
  const mark = x(whole(expected));
  return html`<svg
    class="share"
    viewBox="0 0 ${width} 20"
    width="${width}"
    height="20"
    aria-hidden="true"
    focusable="false"
  >
    <rect x="0" y="4" width="${width}" height="12" class="track" />
    <rect
      x="0"
      y="4"
      width="${at(Math.max(whole(observed) > 0 ? 1 : 0, x(whole(observed))))}"
      height="12"
      class="bar"
    />
    <path d="M${at(Math.max(1, mark))} 0v20" class="expected" />
    ${range === undefined ? nothing : bracket(x(whole(range[0])), x(whole(range[1])))}
  </svg>`;
}

function bracket(from: number, to: number): Markup {
  const [left, right] = [Math.max(1, from), Math.max(2, to)];
  return html`<path d="M${at(left)} 6v8M${at(right)} 6v8M${at(left)} 10H${at(right)}" class="bracket" />`;
}
