// Moves through the slides. Keys: arrows, space, page keys, Home, End; O all slides, N notes below the
// slide, S notes in a window of their own, D light or dark. The slide's id is the page's hash.
(() => {
  const root = document.documentElement;
  const slides = [...document.querySelectorAll(".slide")];
  const nav = document.querySelector("nav");
  let now = 0, speaker = null, started = 0;

  const show = (i, quiet) => {
    now = Math.max(0, Math.min(slides.length - 1, i));
    slides.forEach((slide, j) => slide.classList.toggle("now", j === now));
    nav.querySelector("output").textContent = `${now + 1} / ${slides.length}`;
    if (!quiet) history.replaceState(null, "", `#${slides[now].id}`);
    if (root.classList.contains("overview")) slides[now].scrollIntoView({ block: "nearest" });
    tell();
  };
  const find = () => slides.findIndex((slide) => `#${slide.id}` === decodeURIComponent(location.hash));
  const toggle = (name) => {
    root.classList.toggle(name);
    if (name === "overview") {
      root.classList.remove("noted");
      const open = root.classList.contains(name);
      slides.forEach((slide) => open ? slide.setAttribute("tabindex", 0) : slide.removeAttribute("tabindex"));
      open ? slides[now].focus() : document.activeElement.blur();
      scrollTo(0, 0);
    }
    show(now, true);
  };
  const theme = () => {
    const dark = getComputedStyle(root).colorScheme === "dark";
    root.dataset.theme = dark ? "light" : "dark";
  };

  // the speaker's window is written from here: a page opened as a file may load no other
  const open = () => {
    speaker = window.open("", "notes", "width=700,height=800");
    if (!speaker) return;
    started = started || Date.now();
    speaker.document.head.innerHTML = `<style>${formulas()}</style>`;
    speaker.document.title = `Notes: ${document.title}`;
    speaker.document.body.style.cssText = "font:18px/1.5 sans-serif;margin:1.5rem;max-width:40rem";
    speaker.onkeydown = key;
    tell();
  };
  const tell = () => {
    if (!speaker || speaker.closed) return;
    const next = slides[now + 1];
    const until = slides.slice(0, now + 1).map((one) => one.dataset.until).filter(Boolean).pop();
    const line = document.createElement("p");
    const title = slides[now].querySelector("h1, h2").textContent;
    line.textContent = `${now + 1} / ${slides.length} · ${title}`
      + (until ? ` · this part ends at minute ${until}` : "");
    const after = document.createElement("p");
    after.textContent = next ? `Next: ${next.querySelector("h1, h2").textContent}` : "The last slide";
    speaker.document.body.innerHTML = `<p id="clock"></p><b>${line.outerHTML}</b>`
      + slides[now].querySelector(".notes").innerHTML + `<hr>${after.outerHTML}`;
    tick();
  };
  const formulas = () => [...document.querySelectorAll("style[id^=MJX]")]
    .flatMap((style) => [...style.sheet.cssRules].map((rule) => rule.cssText)).join("");
  const tick = () => {
    const clock = speaker && !speaker.closed && speaker.document.getElementById("clock");
    const passed = Math.floor((Date.now() - started) / 1000);
    if (clock) clock.textContent = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, "0")}`;
  };
  setInterval(tick, 1000);

  // a slide whose text grew with the chapter gets smaller rather than cut
  const fit = () => document.querySelectorAll(".body").forEach((body) => {
    const over = () => body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1;
    for (let size = 1; over() && size > 0.7; size -= 0.05) body.style.zoom = size;
  });

  const actions = {
    next: () => show(now + 1), previous: () => show(now - 1), first: () => show(0),
    last: () => show(slides.length - 1), overview: () => toggle("overview"), notes: () => toggle("noted"),
    theme, window: open,
    enter: () => { if (root.classList.contains("overview")) toggle("overview"); },
  };
  const keys = {
    ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", ArrowLeft: "previous",
    ArrowUp: "previous", PageUp: "previous", Home: "first", End: "last", o: "overview",
    Escape: "overview", n: "notes", s: "window", d: "theme", Enter: "enter",
  };
  const key = (event) => {
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const onButton = event.target.closest?.("button, a") && [" ", "Enter"].includes(pressed);
    if (event.ctrlKey || event.altKey || event.metaKey || onButton || !keys[pressed]) return;
    event.preventDefault();
    if (pressed === " " && event.shiftKey) actions.previous();
    else actions[keys[pressed]]();
  };

  root.className = "deck";
  nav.hidden = false;
  addEventListener("keydown", key);
  addEventListener("hashchange", () => show(Math.max(0, find()), true));
  nav.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
  document.querySelector("main").addEventListener("focusin", (event) => {
    const i = slides.indexOf(event.target);
    if (i >= 0) show(i);
  });
  document.querySelector("main").addEventListener("click", (event) => {
    const i = slides.indexOf(event.target.closest(".slide"));
    if (root.classList.contains("overview") && i >= 0) { show(i); toggle("overview"); }
  });
  let from = null;
  addEventListener("touchstart", (event) => { from = event.touches[0]; }, { passive: true });
  addEventListener("touchend", (event) => {
    const to = event.changedTouches[0];
    const moved = to.clientX - from.clientX;
    const along = Math.abs(moved) > 60 && Math.abs(moved) > 2 * Math.abs(to.clientY - from.clientY);
    if (along && !root.classList.contains("overview")) show(now - Math.sign(moved));
  });
  addEventListener("load", () => {
    const math = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    Promise.resolve(math).then(fit);
  });
  show(Math.max(0, find()), true);
})();
