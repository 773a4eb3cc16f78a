/** The page reads without it; it adds filters, sorting, keys, copy buttons, a theme, and opens what a link leads to. */
export const script = `(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  const main = document.getElementById('main');
  root.classList.add('scripted');

  const open = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    for (let node = target; node; node = node.parentElement) if (node.tagName === 'DETAILS') node.open = true;
    if (target) {
      target.hidden = false;
      target.scrollIntoView({ block: 'start' });
    }
  };
  addEventListener('hashchange', open);
  open();

  const theme = document.querySelector('.theme');
  const chosen = theme.querySelector('select');
  const dress = (value) => {
    if (value === 'auto') root.removeAttribute('data-theme');
    else root.dataset.theme = value;
  };
  try { chosen.value = localStorage.getItem('ipvet-theme') || 'auto'; } catch { chosen.value = 'auto'; }
  if (!chosen.value) chosen.value = 'auto';
  dress(chosen.value);
  theme.hidden = false;
  chosen.addEventListener('change', () => {
    dress(chosen.value);
    try { localStorage.setItem('ipvet-theme', chosen.value); } catch { return; }
  });

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = all('details:not([open])').filter((one) => !['pass', 'not-applicable'].includes(one.dataset.outcome));
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => { for (const one of opened) one.open = false; });

  for (const block of all('.copy')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = main.dataset.copy;
    button.addEventListener('click', async () => {
      const code = block.querySelector('code');
      let copied = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        copied = document.execCommand('copy');
      }
      button.textContent = copied ? main.dataset.copied : main.dataset.byHand;
      setTimeout(() => { button.textContent = main.dataset.copy; }, 1500);
    });
    block.append(button);
  }

  const filters = document.querySelector('.filters');
  if (!filters) return;
  filters.hidden = false;
  const matrix = document.querySelector('.matrix');
  const status = filters.querySelector('[role=status]');
  const boxes = all('[name=outcome]', filters);
  const worst = filters.querySelector('[name=worst]');
  const search = filters.querySelector('[type=search]');
  const host = filters.querySelector('select');
  const heads = all('thead th', matrix).map((head) => head.dataset.host);
  const outcomeOf = (link) => link.className.slice(2);
  const bodies = all('tbody', matrix).map((body) => ({
    body,
    rows: all('tr:not(.folder)', body).map((row) => ({
      row,
      text: row.cells[0].textContent.toLowerCase(),
      cells: [...row.cells].slice(1),
      links: all('a', row).map((link) => ({ link, outcome: outcomeOf(link), host: heads[link.parentElement.cellIndex - 1] })),
    })),
  }));
  const details = all('.detail').map((detail) => ({ detail, text: detail.querySelector('summary').textContent.toLowerCase() }));
  const order = boxes.map((box) => box.value);
  const rank = ({ links }) => Math.min(order.length, ...links.map(({ outcome }) => order.indexOf(outcome)));

  let shownHost = '';
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const text = search.value.trim().toLowerCase();
    const only = host.value;
    const every = wanted.size === boxes.length && only === '' && text === '';
    if (only !== shownHost) {
      all('thead th', matrix).forEach((head, index) => { head.hidden = only !== '' && heads[index] !== only; });
      for (const { rows } of bodies) for (const { cells } of rows) cells.forEach((cell, index) => { cell.hidden = only !== '' && heads[index] !== only; });
      shownHost = only;
    }
    for (const { body, rows } of bodies) {
      let any = false;
      for (const { row, text: title, links } of rows) {
        let hit = false;
        for (const one of links) {
          const dim = !wanted.has(one.outcome);
          if (one.dim !== dim) { one.link.classList.toggle('dim', dim); one.dim = dim; }
          if (!dim && (only === '' || one.host === only)) hit = true;
        }
        row.hidden = !every && !(hit && title.includes(text));
        if (!row.hidden) any = true;
      }
      body.hidden = !any;
      const sorted = worst.checked ? [...rows].sort((a, b) => rank(a) - rank(b)) : rows;
      if (body.dataset.sorted !== String(worst.checked)) {
        body.append(...sorted.map(({ row }) => row));
        body.dataset.sorted = String(worst.checked);
      }
    }
    let shown = 0;
    for (const { detail, text: title } of details) {
      detail.hidden = !wanted.has(detail.dataset.outcome) || (only !== '' && detail.dataset.host !== undefined && detail.dataset.host !== only) || !title.includes(text);
      if (!detail.hidden) shown += 1;
    }
    status.textContent = every ? '' : (shown === 1 ? filters.dataset.one : filters.dataset.many).replace('{n}', shown);
  };
  filters.addEventListener('change', apply);
  search.addEventListener('input', apply);
  filters.querySelector('button').addEventListener('click', () => {
    for (const box of boxes) box.checked = !['pass', 'not-applicable'].includes(box.value);
    apply();
  });

  // One stop of the Tab key for the whole matrix; arrow keys within it.
  const links = all('a', matrix);
  for (const link of links) link.tabIndex = -1;
  const seen = (link) => link.offsetParent !== null;
  if (links.length > 0) links[0].tabIndex = 0;
  matrix.addEventListener('focusin', ({ target }) => {
    if (target.tagName !== 'A') return;
    for (const link of all('a[tabindex="0"]', matrix)) link.tabIndex = -1;
    target.tabIndex = 0;
  });
  matrix.addEventListener('keydown', (event) => {
    const link = event.target.closest('a');
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] || [0, 0];
    if (!link || (down === 0 && right === 0)) return;
    event.preventDefault();
    const cell = link.parentElement;
    const beside = right > 0 ? 'nextElementSibling' : right < 0 ? 'previousElementSibling' : '';
    if (beside) {
      let next = link[beside];
      for (let other = cell[beside]; !next && other; other = other[beside]) next = all('a', other).find(seen);
      if (next) next.focus();
      return;
    }
    const rows = bodies.flatMap(({ body }) => all('tr:not(.folder)', body));
    for (let at = rows.indexOf(cell.parentElement) + down; at >= 0 && at < rows.length; at += down) {
      const next = all('a', rows[at].cells[cell.cellIndex]).find(seen);
      if (next) { next.focus(); return; }
    }
  });
})();
`;
