// bucketlist: sorting by hand, by drag and drop and by the arrow keys. Without it, up and down are buttons of forms.
import { say } from './app.js';

const said = document.body.dataset, status = document.getElementById('placed');
const PAUSE = 400; // ms of a hand at rest, before an order is saved
const middle = (row) => { const box = row.getBoundingClientRect(); return box.top + box.height / 2; };
let isPicked = null; // the row that is dragged

function sortable(form) {
  const list = form.querySelector('ol'), rows = () => [...list.children];
  let kept = rows(), timer = 0, saving = Promise.resolve();
  for (const grip of list.querySelectorAll('.grip')) grip.hidden = false;

  // It is the neighbour that moves, so that focus and pointer stay where they are.
  const swap = (row, by) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (other && by < 0) row.after(other);
    if (other && by > 0) row.before(other);
    return Boolean(other);
  };
  const tell = (row) => {
    const at = rows().indexOf(row) + 1, words = { name: row.dataset.name, at, all: list.children.length };
    status.textContent = form.dataset.told.replace(/\{(\w+)\}/g, (_, key) => words[key]);
  };
  const plan = () => { clearTimeout(timer); timer = setTimeout(save, PAUSE); };
  const save = () => { clearTimeout(timer); timer = 0; saving = saving.then(send); };
  async function send() {
    const now = rows();
    try {
      const answer = await fetch(form.action, { method: 'POST', keepalive: true, headers: { 'HX-Request': 'true' }, body: new URLSearchParams(new FormData(form)) });
      if (answer.ok) { kept = now; return; }
      if (answer.status === 409) { renew(await answer.text()); return; }
      put(answer.status === 401);
    } catch { put(false); }
  }
  const put = (isOut) => {
    list.append(...kept);
    if (isOut) say(said.signedOut, { href: `${said.door}?next=${encodeURIComponent(location.pathname)}`, text: said.signIn }); else say(said.failed);
  };

  list.addEventListener('keydown', (e) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[e.key], row = e.target.closest('li');
    if (!by || !e.target.matches('.grip')) return;
    e.preventDefault();
    if (swap(row, by)) { row.scrollIntoView({ block: 'nearest' }); plan(); }
    tell(row);
  });
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    const row = e.submitter?.closest('li');
    if (!row) return;
    if (swap(row, e.submitter.name === 'up' ? -1 : 1)) plan();
    tell(row);
  });
  list.addEventListener('pointerdown', (e) => {
    if (!e.target.closest('.grip') || e.button) return;
    isPicked = e.target.closest('li');
    isPicked.classList.add('picked');
    e.target.closest('.grip').setPointerCapture(e.pointerId);
  });
  list.addEventListener('pointermove', (e) => {
    const row = isPicked;
    if (!row || !list.contains(row)) return;
    while (row.previousElementSibling && e.clientY < middle(row.previousElementSibling)) swap(row, -1);
    while (row.nextElementSibling && e.clientY > middle(row.nextElementSibling)) swap(row, 1);
    if (e.clientY < 90) scrollBy(0, -14);
    if (e.clientY > innerHeight - 90) scrollBy(0, 14);
  });
  for (const name of ['pointerup', 'pointercancel']) list.addEventListener(name, () => {
    if (!isPicked) return;
    isPicked.classList.remove('picked');
    if (rows().some((row, at) => row !== kept[at])) { tell(isPicked); plan(); }
    isPicked = null;
  });
  addEventListener('pagehide', () => { if (timer) save(); });
}
function renew(text) {
  document.getElementById('order').outerHTML = text;
  document.querySelector('#order .alert')?.focus();
  start();
}
function start() { for (const form of document.querySelectorAll('[data-order]')) sortable(form); }
for (const hint of document.querySelectorAll('[data-scripted]')) hint.hidden = false;
start();
