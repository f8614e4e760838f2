// A campaign's figures, fetched again every five seconds while it runs. Without this the page has a link that does it.
(() => {
  const live = document.querySelector('[data-live]');
  if (!live) return;
  const pause = 5000;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  // Off at first for those who asked for less motion; and there is a way to stop it for everybody (WCAG 2.2, 2.2.2).
  let on = !calm;
  const running = () => live.hasAttribute('data-running');
  const show = () => {
    const offered = live.querySelector('[data-live-switch]');
    const box = offered && offered.querySelector('input');
    if (!box) return;
    offered.hidden = !running();
    box.checked = on;
    box.addEventListener('change', () => { on = box.checked; });
  };
  const again = async () => {
    if (!on || !running() || document.hidden || live.contains(document.activeElement)) return;
    const answer = await fetch(location.href.split('#')[0], { credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-live]');
    if (!fresh || live.contains(document.activeElement)) return;
    live.toggleAttribute('data-running', fresh.hasAttribute('data-running'));
    live.replaceChildren(...fresh.childNodes);
    show();
  };
  show();
  // A server that is away for a moment is asked again the next time.
  setInterval(() => { again().catch(() => {}); }, pause);
})();
