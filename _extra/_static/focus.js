/* The focus returns to the button that was pressed by keyboard: the theme lets it fall. */
(() => {
  "use strict";
  let pressed;
  const back = () => {
    if (document.activeElement === document.body && pressed?.checkVisibility()) pressed.focus();
  };
  document.addEventListener("click", (event) => {
    pressed = event.detail === 0 ? event.target.closest("button") : null; // 0: no pointer's click
    setTimeout(back);
  }, true);
  document.addEventListener("close", () => setTimeout(back), true); // of a dialog
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector("dialog[open]")?.close();
  });
})();
