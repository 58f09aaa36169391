// bucketlist: the script of the pages. Each of them works without it; with htmx, forms change parts of a page.
const $ = (sel, root = document) => root.querySelector(sel);
const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
const said = document.body.dataset;
const waiting = new WeakMap(); // to be shown back, by field
let timer = 0;

// ---- the time zone of this device, for dates on pages
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`bucketlist-zone=${zone}`)) {
  document.cookie = `bucketlist-zone=${zone}; max-age=31536000; samesite=lax; path=${new URL(said.home, location).pathname}`;
}

// ---- toast: one at a time; stays while hovered or focused; inside an open dialog, as the rest of the page is inert
const toast = () => $('dialog[open] .toast') || $('#toast');
function fade() {
  const box = toast();
  if (box.matches(':hover, :focus-within')) { timer = setTimeout(fade, 4000); return; }
  box.replaceChildren();
}
function shown() {
  const box = toast(), outside = $('#toast');
  if (box !== outside && outside.childElementCount) {
    box.replaceChildren(...outside.childNodes);
    globalThis.htmx?.process(box);
  }
  clearTimeout(timer);
  if (box.childElementCount) timer = setTimeout(fade, 12000);
}
export function say(text, link) {
  const line = document.createElement('div'), words = document.createElement('span');
  words.textContent = text;
  line.append(words);
  if (link) { const a = document.createElement('a'); a.href = link.href; a.textContent = link.text; line.append(a); }
  toast().replaceChildren(line);
  shown();
}
shown();

// ---- done in one tap: painted at once, put back when it did not save
document.addEventListener('submit', (e) => {
  const button = e.submitter, row = button?.closest('.item');
  if (!row || e.target.id !== 'rows' || !globalThis.htmx) return;
  e.preventDefault();
  if (button.matches('.dropbtn') && !button.formAction.endsWith('more')) { // one more of many: the server says how far it is
    row.dataset.before = row.className;
    row.className = row.classList.contains('is-done') ? 'item is-open' : 'item is-done just-done';
  }
  const values = Object.fromEntries(new FormData(e.target));
  htmx.ajax('POST', button.formAction, { source: row, target: row, swap: 'outerHTML', values }).catch(() => {}); // events tell
});
function failed(e) {
  const row = e.target.closest?.('.item');
  if (row?.dataset.before) { row.className = row.dataset.before; delete row.dataset.before; }
  const status = e.detail.xhr?.status;
  if (status === 401) say(said.signedOut, { href: `${said.door}?next=${encodeURIComponent(location.pathname)}`, text: said.signIn });
  else if (status === 422) say(e.detail.xhr.responseText);
  else say(said.failed);
}
for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) document.addEventListener(name, failed);
document.addEventListener('htmx:afterRequest', (e) => {
  const form = e.target.closest('form');
  if (!e.detail.successful || !form) return;
  forget(form);
  if (form.matches('[data-capture]')) {
    const input = $('[name=title]', form);
    input.value = ''; $('.echo', form).textContent = ''; input.focus();
  }
  if (e.target.matches('.toast form')) e.target.closest('.toast').replaceChildren();
});
document.addEventListener('htmx:oobAfterSwap', shown);
document.addEventListener('htmx:afterSettle', (e) => {
  if (document.activeElement === document.body) $('.dropbtn', e.target)?.focus();
});

// ---- what is typed is kept on this device until it is saved
const drafts = globalThis.localStorage;
const keyOf = (el) => `draft:${el.dataset.draft}`;
function forget(form) { for (const el of $$('[data-draft]', form)) drafts.removeItem(keyOf(el)); }
if ($('#toast').childElementCount) { // what was sent before this page has been saved: it says so
  for (const key of JSON.parse(sessionStorage.getItem('sent') || '[]')) {
    drafts.removeItem(key);
    if (key === 'draft:capture') $('[data-first]')?.focus(); // the next wish can be typed
    if (key === 'draft:entry-story-new') globalThis.caches?.delete('shared'); // its form was sent with what was shared
  }
  sessionStorage.removeItem('sent');
}
for (const el of $$('[data-draft]')) {
  el.dataset.sent = el.value;
  const kept = drafts.getItem(keyOf(el));
  if (kept && !el.value) { el.value = kept; echo(el); }
}
document.addEventListener('submit', (e) => {
  const form = e.target.closest('form');
  if (form.matches('[data-sign-out]')) { for (const key of Object.keys(drafts)) if (key.startsWith('draft:')) drafts.removeItem(key); }
  if (form.matches('[data-steps]')) return;
  if (!form.hasAttribute('hx-post')) sessionStorage.setItem('sent', JSON.stringify($$('[data-draft]', form).map(keyOf)));
});

// ---- what is read of a time or a line is shown back by the server, which alone knows how to read it
function echo(el) {
  if (!el.dataset.echo) return;
  const out = document.getElementById(el.getAttribute('aria-describedby').split(' ').pop());
  clearTimeout(waiting.get(el));
  if (!el.value.trim()) { out.textContent = ''; return; }
  waiting.set(el, setTimeout(async () => {
    const typed = el.value;
    try {
      const answer = await fetch(el.dataset.echo + encodeURIComponent(typed));
      if (answer.ok && el.value === typed) out.textContent = (await answer.text()).trim();
    } catch { out.textContent = ''; }
  }, 250));
}
function typed(el) {
  if (el.dataset.draft) drafts.setItem(keyOf(el), el.value);
  echo(el);
}
document.addEventListener('input', (e) => typed(e.target));
for (const el of $$('[data-draft], [data-echo]')) if (el.value !== el.defaultValue) typed(el); // typed before this was there

// ---- a date that one often means, or that a photo says, by a tap
for (const group of $$('[data-quick]')) group.hidden = false;
document.addEventListener('click', (e) => {
  const quick = e.target.closest('[data-set]');
  if (!quick) return;
  const el = document.getElementById(quick.dataset.set);
  el.value = quick.dataset.value; echo(el); el.focus();
});

// ---- photos that were chosen: shown, each with a caption, and the day that the first of them says
const SAYS_DAY = /(\d{4}):(0[1-9]|1[0-2]):([0-2]\d|3[01]) \d\d:\d\d:\d\d/; // as cameras write it (Exif)
async function picked(field) {
  const list = document.getElementById(field.dataset.photos), files = [...field.files];
  const size = files.reduce((sum, file) => sum + file.size, 0);
  field.setCustomValidity(size > field.dataset.most ? field.dataset.tooMuch : '');
  field.reportValidity();
  for (const img of $$('img', list)) URL.revokeObjectURL(img.src);
  list.replaceChildren(...files.map((file) => {
    const row = document.createElement('li'), img = new Image(), caption = document.createElement('input');
    img.src = URL.createObjectURL(file); img.alt = '';
    Object.assign(caption, { name: 'caption', className: 'input', maxLength: 500, placeholder: file.name });
    caption.setAttribute('aria-label', field.dataset.caption.replace('{name}', file.name));
    row.append(img, caption);
    return row;
  }));
  if (!field.dataset.date) return;
  for (const file of files) {
    const day = SAYS_DAY.exec(await file.slice(0, 131072).text());
    if (!day || field.files[0] !== files[0]) continue;
    const spoken = document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang;
    const words = new Intl.DateTimeFormat(spoken, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day[1]}-${day[2]}-${day[3]}`));
    const row = document.createElement('li'), use = document.createElement('button');
    Object.assign(use, { type: 'button', className: 'chip', textContent: field.dataset.use.replace('{day}', words) });
    use.dataset.set = field.dataset.date; use.dataset.value = words;
    row.append(use); list.append(row);
    return;
  }
}
document.addEventListener('change', (e) => { if (e.target.dataset.photos) picked(e.target); });

// ---- photos of a share sheet wait in a store of the service worker until their form has been sent
async function takeShared(field) {
  const store = await caches.open('shared'), given = new DataTransfer();
  for (const request of await store.keys()) {
    const kept = await store.match(request), type = kept.headers.get('Content-Type'), owner = kept.headers.get('Owner');
    if (owner && owner !== said.person) continue; // somebody else on this device
    given.items.add(new File([await kept.blob()], decodeURIComponent(kept.headers.get('File-Name')), { type }));
  }
  field.files = given.files;
  if (given.files.length) picked(field);
}
if ($('#photos-field') && (new URLSearchParams(location.search).has('photos') || $('[data-unsent]'))) takeShared($('#photos-field'));

// ---- dialogs, menus, copying
document.addEventListener('click', (e) => {
  const opener = e.target.closest('[data-dialog]'), dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !e.ctrlKey && !e.metaKey) { e.preventDefault(); dialog.showModal(); $('input:not([type=hidden])', dialog)?.focus(); }
  if (e.target.closest('[data-close]') || e.target.matches('dialog')) { const shut = e.target.closest('dialog'); shut.close(); $('.toast', shut)?.replaceChildren(); }
  for (const menu of $$('details.menu[open]')) if (!menu.contains(e.target)) menu.open = false;
  const copy = e.target.closest('[data-copy]');
  if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent).then(() => say(copy.dataset.copied));
});
if (navigator.clipboard) for (const button of $$('[data-copy]')) button.hidden = false;

// ---- single-key shortcuts; off while typing, and by choice (WCAG 2.1.4)
let isGoing = false;
const undo = () => $('[data-undo]', toast())?.click();
document.addEventListener('keydown', (e) => {
  if (e.key === 'Escape') {
    const menu = document.activeElement.closest?.('details.menu[open]');
    if (menu) { menu.open = false; $('summary', menu).focus(); }
  }
  if (document.documentElement.dataset.keys === 'off' || e.ctrlKey || e.metaKey || e.altKey) return;
  const typing = e.target.closest('input, textarea, select, [contenteditable], dialog[open]');
  if (typing && !typing.closest('dialog:not([open])')) return; // a field of a dialog that was just closed has the focus for a moment
  const titles = $$('.item .title'), at = titles.indexOf(document.activeElement.closest('.item')?.querySelector('.title'));
  const keys = {
    n: () => { const first = $('[data-first]'); if (first) first.focus(); else $('[data-dialog=capture]').click(); },
    ['\u002f']: () => { location.href = said.search; }, '?': () => $('#keys').showModal(),
    j: () => titles[Math.min(at + 1, titles.length - 1)]?.focus(), k: () => titles[Math.max(at - 1, 0)]?.focus(),
    x: () => titles[at]?.closest('.item').querySelector('.dropbtn').click(), z: undo,
  };
  if (isGoing) { isGoing = false; if (e.key === 'l') location.href = said.home; if (e.key === 'j') location.href = said.journal; return; }
  if (e.key === 'g') { isGoing = true; setTimeout(() => { isGoing = false; }, 1200); return; }
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});

// ---- installed or not: what was seen can be read offline, and what a share sheet brought waits for its form
if (navigator.serviceWorker) addEventListener('load', () => { navigator.serviceWorker.register(said.worker).catch(() => {}); });
const tellOffline = () => say(said.offline);
if (!navigator.onLine) tellOffline();
addEventListener('offline', tellOffline);
