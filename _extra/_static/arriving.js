/* An address that names a network leads to its explorer, also where formulas move the page below. */
(() => {
  "use strict";
  addEventListener("load", async () => {
    if (!location.hash.includes("?")) return;
    await window.MathJax?.startup?.promise;
    requestAnimationFrame(() => dispatchEvent(new HashChangeEvent("hashchange")));
  });
})();
