// A button on each block of code that copies it. Without a clipboard (plain http on a network) there is none.
const said = document.body.dataset;
const copy = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = said.copied;
  } catch {
    button.textContent = said.notCopied;
  }
  setTimeout(() => { button.textContent = said.copy; }, 2000);
};

if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".code")) {
    const code = block.querySelector("pre");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = said.copy;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(button, code.textContent));
    block.querySelector(".codehead").append(button);
  }
}
