/**
 * Zoom and cursor for charts over time. Each is made when it comes into sight, in place of its picture; uPlot sets its
 * sizes and places from script, which `style-src 'self'` allows.
 */
export const liveScript = `(() => {
  'use strict';
  const root = document.documentElement;
  const main = document.getElementById('main');
  const { zoomOut, zoomKeys } = main.dataset;
  const plots = new Set();

  /** As reports/html/charts/live.ts writes them. */
  const moments = (text) => {
    const same = /^(-?\\d+)\\+(-?\\d+)x(\\d+)$/.exec(text);
    const [first, ...by] = same ? [+same[1], ...Array(+same[3]).fill(+same[2])] : text.split(',').map(Number);
    let at = first;
    return [first / 1000, ...by.map((step) => (at += step) / 1000)];
  };
  const values = (text) => text.split(',').map((one) => (one === '' ? null : Number(one)));

  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const probe = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  probe.setAttribute('width', '0');
  probe.setAttribute('height', '0');
  probe.setAttribute('aria-hidden', 'true');
  probe.append(shape);
  /** What the stylesheet gives a shape of the picture. What is hatched there is hatched here. */
  const look = (kind) => {
    main.append(probe);
    shape.setAttribute('class', kind);
    const { fill, stroke, strokeDasharray } = getComputedStyle(shape);
    const found = { fill: fill.startsWith('url') ? hatched() : fill, stroke, dash: strokeDasharray.match(/[\\d.]+/g)?.map(Number) };
    probe.remove();
    return found;
  };
  const hatched = () => {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const pen = tile.getContext('2d');
    pen.fillStyle = colour('--stuck-ground');
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = colour('--stuck-line');
    pen.lineWidth = 1.6;
    for (const from of [-6, 0, 6]) { pen.moveTo(from, 6); pen.lineTo(from + 6, 0); }
    pen.stroke();
    return pen.createPattern(tile, 'repeat');
  };

  const chart = (figure) => {
    const { live, unit, names, kinds, at, values: rows, own } = figure.dataset;
    const name = JSON.parse(names);
    const kind = kinds.split(' ');
    const lists = rows.split(';').map(values);
    const apart = own === '' ? [] : own.split(';').map(moments);
    const shared = lists.slice(0, lists.length - apart.length);
    const sums = [];
    for (const list of shared) {
      const below = sums.at(-1);
      sums.push(live === 'stacked' && below ? list.map((one, index) => (one === null ? null : one + below[index])) : list);
    }
    // Of a stack the highest first, so that the others lie upon it.
    const order = shared.map((_, index) => index);
    if (live === 'stacked') order.reverse();
    const tables = [[moments(at), ...order.map((index) => sums[index])], ...apart.map((times, index) => [times, lists[shared.length + index]])];
    const data = tables.length > 1 ? uPlot.join(tables) : tables[0];
    const drawn = [...order, ...apart.map((_, index) => shared.length + index)];

    const svg = figure.querySelector('svg.chart');
    const titles = [...svg.querySelectorAll('text')];
    const box = document.createElement('div');
    box.className = 'live';
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', svg.getAttribute('aria-label') + '. ' + zoomKeys);
    const said = document.createElement('p');
    said.className = 'note readout';
    const out = document.createElement('button');
    out.type = 'button';
    out.textContent = zoomOut;
    out.hidden = true;
    const below = document.createElement('div');
    below.className = 'below';
    below.append(said, out);
    svg.after(box, below);
    figure.classList.add('is-live');

    const shown = (value) => (unit === 'ms' ? Number(value.toPrecision(3)) + ' ms' : Math.round(value).toLocaleString('en-GB'));
    const read = (plot) => {
      const index = plot.cursor.idx;
      if (index === null || index === undefined) { said.textContent = ''; return; }
      const time = data[0][index];
      // What holds at that moment: another series may have a moment of its own there.
      const valueAt = (place) => {
        for (let before = index; before >= 0; before -= 1) if (data[place + 1][before] !== undefined) return data[place + 1][before];
        return null;
      };
      const parts = drawn.map((series, place) => {
        const value = valueAt(place);
        const under = live === 'stacked' && series > 0 && series < shared.length ? valueAt(drawn.indexOf(series - 1)) : 0;
        return value === null ? '' : name[series] + ' ' + shown(value - (under || 0));
      });
      if (live === 'stacked') parts.reverse();
      said.textContent = [Number(time.toFixed(2)) + ' s', ...parts.filter((part) => part !== '')].join(' · ');
    };
    const [least, most] = [data[0][0], data[0][data[0].length - 1]];
    const size = () => ({ width: Math.max(200, box.clientWidth), height: Math.round(Math.max(200, box.clientWidth) * 0.553) });
    const axis = (more) => ({
      stroke: () => colour('--quiet'),
      grid: { stroke: () => colour('--line'), width: 1 },
      ticks: { show: false },
      labelSize: 16,
      labelGap: 0,
      labelFont: '11px ' + getComputedStyle(document.body).fontFamily,
      font: '11px ' + getComputedStyle(document.body).fontFamily,
      ...more,
    });
    const plot = new uPlot({
      ...size(),
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { drag: { x: true, y: false }, y: false, points: { show: false }, ...(live === 'stacked' && figure.dataset.sync ? { sync: { key: figure.dataset.sync } } : {}) },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.05 : 1] } },
      axes: [axis({ size: 24, gap: 4, label: titles.at(-1).textContent }), axis({ size: 44, gap: 4, label: titles[0].textContent })],
      series: [{}, ...drawn.map((index) => {
        const filled = live === 'stacked' && index < shared.length;
        return {
          points: { show: false },
          spanGaps: !filled && live === 'stacked',
          ...(filled
            ? { fill: () => look(kind[index]).fill, width: 0, paths: uPlot.paths.stepped({ align: 1 }) }
            : { stroke: () => look(kind[index]).stroke, width: 1.5, dash: look(kind[index]).dash }),
        };
      })],
      hooks: {
        setCursor: [read],
        setScale: [(plot, key) => { if (key === 'x') out.hidden = plot.scales.x.min <= least && plot.scales.x.max >= most; }],
      },
    }, data, box);
    plots.add(plot);
    const whole = () => plot.setScale('x', { min: least, max: most });
    out.addEventListener('click', () => { whole(); box.focus(); });

    const place = (index) => plot.setCursor({ left: plot.valToPos(data[0][index], 'x'), top: 10 });
    const zoomed = (factor) => {
      const { min, max } = plot.scales.x;
      const middle = data[0][plot.cursor.idx ?? -1] ?? (min + max) / 2;
      const half = Math.max(((max - min) * factor) / 2, ((most - least) / data[0].length) * 2);
      plot.setScale('x', { min: Math.max(least, middle - half), max: Math.min(most, middle + half) });
    };
    box.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      const does = { '+': () => zoomed(0.5), '=': () => zoomed(0.5), '-': () => zoomed(2), Escape: whole, Home: () => place(0), End: () => place(data[0].length - 1) }[event.key];
      if ((by === undefined && !does) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      said.setAttribute('aria-live', 'polite');
      if (does) does();
      else place(Math.max(0, Math.min(data[0].length - 1, (plot.cursor.idx ?? (by > 0 ? -1 : data[0].length)) + by)));
    });
    box.addEventListener('pointermove', () => said.removeAttribute('aria-live'));
    new ResizeObserver(() => { if (box.clientWidth > 0 && Math.abs(box.clientWidth - plot.width) > 1) plot.setSize(size()); }).observe(box);
  };

  const figures = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      figures.unobserve(target);
      chart(target);
    }
  }, { rootMargin: '200px' });
  for (const figure of document.querySelectorAll('[data-live]')) figures.observe(figure);

  const redraw = () => { for (const plot of plots) plot.redraw(false); };
  document.querySelector('.theme select').addEventListener('change', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
})();
`;
