// Single keys in the matrix, off until they are switched on (WCAG 2.2, 2.1.4). Nothing here is needed to work with it.
(() => {
  const matrix = document.querySelector('[data-matrix]');
  const power = document.querySelector('[data-matrix-keys]');
  if (!matrix || !power) return;
  const rows = [...matrix.querySelectorAll('[data-row]')];
  const remembered = 'matrix-keys';
  const recall = () => { try { return localStorage.getItem(remembered) === 'on'; } catch { return false; } };
  const keep = (on) => { try { localStorage.setItem(remembered, on ? 'on' : 'off'); } catch { /* private window */ } };
  power.checked = recall();
  power.addEventListener('change', () => { keep(power.checked); if (power.checked && rows[0]) rows[0].focus(); });

  const current = () => document.activeElement.closest('[data-row]');
  const boxes = (row) => [...row.querySelectorAll('input[name^="purposes-"]')];
  const toggle = (box) => { if (box) box.click(); };
  const step = (by) => {
    const at = rows.indexOf(current());
    const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  };
  const actions = {
    j: () => step(1),
    k: () => step(-1),
    x: (row) => toggle(row.querySelector('input[name="ticked"]')),
    e: (row) => toggle(boxes(row).find((box) => box.value === 'editorial')),
    r: (row) => row.querySelector('textarea').focus(),
    s: () => matrix.querySelector('button[value="save"]').click(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !matrix.contains(document.activeElement)) return;
    const row = current();
    const writing = document.activeElement.matches('textarea, input:not([type=checkbox]):not([type=radio]), select');
    if (event.key === 'Escape' && row && writing) { row.focus(); return; }
    if (!power.checked || writing || !row) return;
    const number = Number(event.key);
    if (number >= 1 && number <= 9) {
      toggle(boxes(row).filter((box) => box.value !== 'editorial')[number - 1]);
    } else if (actions[event.key]) {
      actions[event.key](row);
    } else {
      return;
    }
    event.preventDefault();
  });
})();
