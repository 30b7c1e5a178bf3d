/* A box whose content is wider than itself can be reached by keyboard, and says what it is. */
(() => {
  "use strict";
  const BOXES =
    "article :is(figure, :has(> .picture), pre, .cell_output, .output, .text_html, .math, mjx-container," +
    " .pst-scrollable-table-container), dialog .enlarged-drawing";
  const nameOf = (box) =>
    box.closest("figure")?.querySelector(".caption-number")?.textContent.trim() ||
    (box.closest(".math, mjx-container") && "Formula") ||
    (box.querySelector("table") && "Table") ||
    (box.closest(".cell_output") ? "Output" : "Code");

  function update() {
    for (const box of document.querySelectorAll(BOXES)) {
      const wide = box.scrollWidth > box.clientWidth && box.clientWidth > 0;
      const scrolls = wide && /auto|scroll/.test(getComputedStyle(box).overflowX);
      if (scrolls === box.hasAttribute("data-scrolls")) continue;
      box.toggleAttribute("data-scrolls", scrolls);
      if (scrolls) {
        box.tabIndex = 0;
        if (box.tagName !== "FIGURE") box.setAttribute("role", "group");
        box.setAttribute("aria-label", `${nameOf(box)}, scrolls sideways`);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  }

  const watch = new ResizeObserver(update);
  addEventListener("load", () => watch.observe(document.querySelector("article") || document.body));
  document.addEventListener("toggle", update, true);
})();
