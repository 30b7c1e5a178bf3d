/* A link to a work, figure or equation of the same page shows it when pointed at or focused.

   As WCAG 1.4.13 asks, the preview stays while the pointer is over it, and Escape takes it away. */
(() => {
  "use strict";
  const article = document.querySelector("article");
  const LINK = 'a.reference.internal[href^="#"]';
  const TARGET = ".citation, figure, .math[id]";
  let box, link, timer;

  function content(target) {
    const copy = target.cloneNode(true);
    for (const one of copy.querySelectorAll(
      ".label, .backrefs, .headerlink, button, script, .MJX_Assistive_MathML_off",
    )) one.remove();
    // Of an explorer, whose controls would be dead here, the drawing that stands without scripts.
    for (const one of copy.querySelectorAll(".explorer")) one.replaceWith(one.querySelector(".picture"));
    // What the copy refers to (a clip path, a marker) it finds in the original, which has the ids.
    for (const one of [copy, ...copy.querySelectorAll("[id], [tabindex]")]) {
      one.removeAttribute("id");
      one.removeAttribute("tabindex");
    }
    copy.querySelectorAll("a").forEach((a) => a.replaceWith(...a.childNodes));
    return copy;
  }

  function show(wanted) {
    clearTimeout(timer);
    if (wanted === link) return;
    const target = document.getElementById(decodeURIComponent(wanted.hash.slice(1)));
    if (!target?.matches(TARGET)) return;
    hide();
    link = wanted;
    link.removeAttribute("title"); // else the browser shows the same, to the mouse alone
    box = document.createElement("div");
    box.id = "preview";
    box.setAttribute("role", "tooltip");
    box.append(content(target));
    article.append(box);
    link.setAttribute("aria-describedby", "preview");
    const lines = [...link.getClientRects()]; // of a link that the line's end has cut
    const [at, end] = [lines[0], lines[lines.length - 1]];
    const page = article.getBoundingClientRect();
    const left = Math.min(at.left - page.left, page.width - box.offsetWidth);
    const below = end.bottom + box.offsetHeight < innerHeight || at.top < box.offsetHeight;
    box.style.left = `${Math.max(0, left)}px`;
    box.style.top = `${(below ? end.bottom : at.top - box.offsetHeight) - page.top}px`;
  }

  function hide() {
    clearTimeout(timer);
    link?.removeAttribute("aria-describedby");
    box?.remove();
    box = link = undefined;
  }

  const over = (event) => event.target.closest?.(`${LINK}, #preview`);
  article?.addEventListener("pointerover", (event) => {
    const found = event.pointerType !== "touch" && over(event);
    if (!found) return;
    clearTimeout(timer);
    if (found !== box) timer = setTimeout(show, 150, found);
  });
  article?.addEventListener("pointerout", (event) => {
    if (!over(event)) return;
    clearTimeout(timer);
    if (link !== document.activeElement) timer = setTimeout(hide, 300);
  });
  article?.addEventListener("focusin", (event) => {
    const found = event.target.closest(LINK);
    if (found?.matches(":focus-visible")) show(found);
  });
  article?.addEventListener("focusout", (event) => event.target === link && hide());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
