/* The focus returns to the button that was pressed by keyboard, which the theme lets fall, and Escape
   puts away what lies open. */
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
  // Bootstrap's tooltips listen to no key: what hides one is that pointer and focus leave its owner.
  const hide = (tooltip) => {
    const owner = document.querySelector(`[aria-describedby~="${tooltip.id}"]`);
    owner?.dispatchEvent(new MouseEvent("mouseout"));
    owner?.dispatchEvent(new FocusEvent("focusout"));
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector("dialog[open]")?.close();
    document.querySelectorAll(".tooltip.show").forEach(hide);
  });
})();
