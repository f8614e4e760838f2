// A banner for a page of the company's own, see docs/api.md. It shows the fragment that an address of that site gives.
// Showing it records nothing: only the member's press of the button does.
(() => {
  const script = document.currentScript;
  const { notices, target } = script.dataset;
  const key = 'notice-banner';
  const recall = () => { try { return sessionStorage[key]; } catch { return null; } };
  const keep = (ids) => { try { sessionStorage[key] = ids; } catch { /* no storage */ } };
  // For pages that ask for trusted types.
  const policy = window.trustedTypes?.createPolicy(key, { createHTML: (html) => html });

  const start = async () => {
    const answer = await fetch(notices, { credentials: 'same-origin' });
    if (answer.status !== 200) return;
    const html = await answer.text();
    const found = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, 'text/html');
    const banner = found.querySelector('section.policy-notices');
    if (!banner) return; // a sign-in page, say
    const ids = [...banner.querySelectorAll('[data-notice]')].map((notice) => notice.dataset.notice).join(' ');
    if (recall() !== ids) show(document.adoptNode(banner), ids);
  };

  const show = (banner, ids) => {
    const heading = banner.querySelector('h2');
    const [close, said] = ['button', 'p'].map((name) => document.createElement(name));
    Object.assign(close, { type: 'button', className: 'policy-notices-close', textContent: banner.dataset.close });
    said.setAttribute('role', 'status');
    banner.setAttribute('role', 'region');
    banner.setAttribute('aria-label', heading.textContent);
    banner.removeAttribute('aria-labelledby');
    banner.classList.add('policy-notices-banner');
    heading.after(close);
    banner.append(said);
    const leave = () => {
      const next = banner.contains(document.activeElement) && document.querySelector('main, h1');
      keep(ids);
      banner.remove();
      if (!next) return;
      next.tabIndex = -1;
      next.focus();
    };
    close.onclick = leave;
    banner.onkeydown = (event) => { if (event.key === 'Escape') leave(); };
    banner.onsubmit = async (event) => {
      event.preventDefault();
      const form = event.target;
      said.textContent = '';
      const done = await sent(form);
      said.textContent = banner.dataset[done ? 'done' : 'failed'];
      if (!done) return;
      if (form.contains(document.activeElement)) close.focus();
      form.remove();
    };
    const place = document.querySelector(target || 'body');
    if (!target && place.contains(script)) script.after(banner);
    else place.prepend(banner);
  };

  const sent = async (form) => {
    try {
      const body = new URLSearchParams(new FormData(form));
      return (await fetch(form.action, { method: 'POST', credentials: 'same-origin', body })).ok;
    } catch {
      return false;
    }
  };

  start().catch(() => { /* the page is whole without it */ });
})();
