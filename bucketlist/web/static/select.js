// bucketlist: how many wishes are ticked. Without it, the page is a form as any other.
const form = document.querySelector('[data-several]');
const ticks = () => [...form.querySelectorAll('[name=id]')];
const told = form?.querySelector('[data-selected]');

function tally() {
  told.textContent = told.dataset.selected.replace('{n}', ticks().filter((tick) => tick.checked).length);
}
function tick(isTicked) {
  for (const one of ticks()) one.checked = isTicked;
  tally();
}
if (form) {
  for (const [name, isTicked] of [['all', true], ['none', false]]) {
    const button = form.querySelector(`[data-${name}]`);
    button.hidden = false;
    button.addEventListener('click', () => tick(isTicked));
  }
  form.addEventListener('change', tally);
  tally();
}
