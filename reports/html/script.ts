/** The page reads without it; it adds filters, copy buttons, and opens what a link leads to. */
export const script = `(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  root.classList.add('scripted');

  const open = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    for (let node = target; node; node = node.parentElement) if (node.tagName === 'DETAILS') node.open = true;
    if (target) target.scrollIntoView({ block: 'start' });
  };
  addEventListener('hashchange', open);
  open();

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = all('details:not([open])').filter((one) => !['pass', 'not-applicable'].includes(one.dataset.outcome));
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => { for (const one of opened) one.open = false; });

  for (const block of all('.copy')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      const code = block.querySelector('code');
      let copied = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        copied = document.execCommand('copy');
      }
      button.textContent = copied ? 'Copied' : 'Press Ctrl-C';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
    block.append(button);
  }

  const filters = document.querySelector('.filters');
  if (!filters) return;
  filters.hidden = false;
  const status = filters.querySelector('[role=status]');
  const boxes = all('input', filters);
  const select = filters.querySelector('select');
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const host = select.value;
    const every = wanted.size === boxes.length && host === '';
    for (const cell of all('.matrix [data-host]')) cell.hidden = host !== '' && cell.dataset.host !== host;
    for (const link of all('.matrix a')) link.classList.toggle('dim', !wanted.has(link.dataset.outcome));
    for (const row of all('.matrix tbody tr:not(.folder)')) {
      row.hidden = !every && !all('a', row).some((link) => wanted.has(link.dataset.outcome) && !link.parentElement.hidden);
    }
    for (const body of all('.matrix tbody')) body.hidden = all('tr:not(.folder)', body).every((row) => row.hidden);
    let shown = 0;
    for (const detail of all('.detail')) {
      detail.hidden = !wanted.has(detail.dataset.outcome) || (host !== '' && detail.dataset.host !== host);
      if (!detail.hidden) shown += 1;
    }
    status.textContent = every ? '' : shown + (shown === 1 ? ' check' : ' checks') + ' shown';
  };
  filters.addEventListener('change', apply);
  apply();
})();
`;
