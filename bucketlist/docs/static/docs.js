// A button on each block of code that copies it. Without a clipboard (plain http on a network) there is none.
const copy = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
};

if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".code")) {
    const code = block.querySelector("pre");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(button, code.textContent));
    block.querySelector(".codehead").append(button);
  }
}
