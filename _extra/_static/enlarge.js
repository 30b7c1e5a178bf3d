/* Each figure can be seen as large as the window: its drawing moves into a dialog and back. */
(() => {
  "use strict";
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.innerHTML =
    '<form method="dialog"><button>Close</button></form>' +
    '<div class="enlarged-drawing"></div><p class="enlarged-caption"></p>';
  const [frame, caption] = dialog.querySelectorAll("div, p");
  const gap = document.createElement("div"); // keeps the drawing's place on the page
  gap.className = "enlarged-gap";

  function open(figure, drawing) {
    gap.style.height = `${drawing.getBoundingClientRect().height}px`;
    drawing.replaceWith(gap);
    frame.append(drawing);
    const number = figure.querySelector(".caption-number")?.textContent.trim() || "Figure";
    const text = figure.querySelector(".caption-text")?.textContent || "";
    caption.textContent = `${number}. ${text}`;
    dialog.setAttribute("aria-label", number);
    dialog.showModal();
  }

  dialog.addEventListener("close", () => gap.replaceWith(frame.firstElementChild));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  for (const figure of document.querySelectorAll("article figure:not(:has(.explorer))")) {
    const drawing = figure.querySelector(".picture, img");
    if (!drawing) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    button.textContent = "Enlarge";
    const number = figure.querySelector(".caption-number")?.textContent.trim();
    if (number) button.setAttribute("aria-label", `Enlarge ${number}`);
    button.addEventListener("click", () => open(figure, drawing));
    figure.insertBefore(button, figure.querySelector("figcaption"));
  }
  document.querySelector("article")?.append(dialog);
})();
