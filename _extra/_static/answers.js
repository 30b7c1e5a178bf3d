/* Exercises that can be answered in the page: what `check` says, without a kernel.

   The sheets come from code/designspaces/book/sheets.py, which explains how they hide the answers.
   The hash is our own, since a page that was opened as a file may have no crypto.subtle. */
(() => {
  "use strict";

  // --- SHA-256 of whole words, after FIPS 180-4 ---------------------------------------------------
  const START = new Uint32Array(8);
  const CONSTANTS = new Int32Array(64);
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = (Math.sqrt(n) % 1) * 2 ** 32;
    CONSTANTS[found++] = (Math.cbrt(n) % 1) * 2 ** 32;
  }
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const w = new Int32Array(64);

  function compress(state, block) {
    w.set(block);
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = (w[i - 16] + w[i - 7] | 0) + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3))
        + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)) | 0;
    }
    let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0;
    let e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0;
    for (let i = 0; i < 64; i++) {
      const t = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g))
        + CONSTANTS[i] + w[i]) | 0;
      const s = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0;
      d = c; c = b; b = a; a = (t + s) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    return state;
  }

  function sha256(bytes) {
    const padded = new Uint8Array(64 * Math.ceil((bytes.length + 9) / 64));
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 4, 8 * bytes.length);
    const state = START.slice();
    for (let at = 0; at < padded.length; at += 64)
      compress(state, Uint32Array.from({ length: 16 }, (_, i) => view.getUint32(at + 4 * i)));
    return state;
  }

  function bytesOf(words) {
    const view = new DataView(new ArrayBuffer(4 * words.length));
    words.forEach((word, i) => view.setUint32(4 * i, word));
    return new Uint8Array(view.buffer);
  }

  function slowHash(text, rounds) {
    let key = sha256(new TextEncoder().encode(text));
    const block = new Uint32Array(16);
    block[8] = 0x80000000;
    block[15] = 256;
    for (let i = 0; i < rounds; i++) {
      block.set(key);
      key = compress(START.slice(), block);
    }
    return bytesOf(key);
  }

  const blockOf = (key, number) => bytesOf(sha256(Uint8Array.of(...key, number)));

  // --- what stands in a form, read as exercises/_answers.py reads an answer -------------------------
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

  function numbers(text, count) {
    if (count === 1 && /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) text = text.replaceAll(",", "");
    const parts = count === 1 ? [text] : text.split(/[\s,;]+/).filter(Boolean);
    const items = parts.map(Number);
    return parts.every((part) => NUMBER.test(part)) && items.every(Number.isFinite) ? items : null;
  }

  const READERS = {
    number: numbers,
    whole: (text, count) => {
      const items = numbers(text, count);
      return items?.every(Number.isInteger) ? items : null;
    },
    words: (text) => text.split(",").map((part) => part.trim().toLowerCase()),
    letters: (text) => [
      [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]/gu))].sort().join(""),
    ],
    name: (text) => {
      const parts = text.split(".");
      return [[0, 3], [3, 5], [5]].map((ends) => parts.slice(...ends).join("."));
    },
  };

  function textOf(item, scale) {
    if (scale === null) return "*";
    return scale === "" ? `=${item}` : `${scale}:${Math.floor(item / Number(`1e${scale}`) + 0.5)}`;
  }

  /* All cases that may hold an answer: those that are open, and those that it opens. */
  function* cases(name, sheet, items) {
    yield* sheet.open;
    for (const look of sheet.looks) {
      if (look.length !== items.length) continue;
      const text = look.map((scale, i) => textOf(items[i], scale)).join(" ");
      const key = slowHash(`${name} ${text}`, sheet.rounds);
      const tag = [...blockOf(key, 0).slice(0, 6)].map((b) => b.toString(16).padStart(2, "0"));
      const cipher = sheet.hidden[tag.join("")];
      if (cipher === undefined) continue;
      const bytes = Uint8Array.from(atob(cipher), (letter) => letter.charCodeAt(0));
      for (let at = 0; at < bytes.length; at += 32) {
        const block = blockOf(key, 1 + at / 32);
        for (let i = at; i < Math.min(at + 32, bytes.length); i++) bytes[i] ^= block[i - at];
      }
      yield* JSON.parse(new TextDecoder().decode(bytes));
    }
  }

  function check(name, sheet, entered) {
    const text = entered.replace(/["'`()[\]{}]/g, " ").replaceAll("\u2212", "-").trim();
    const items = READERS[sheet.kind](text, sheet.count);
    let best = [Infinity, [], sheet.expected];
    for (const one of items ? cases(name, sheet, items) : []) {
      const [rank, spans] = one;
      const holds = spans.length === items.length
        && spans.every((span, i) => !span || (span[0] <= items[i] && items[i] <= span[1]));
      if (holds && rank < best[0]) best = one;
    }
    return best[2] === null ? "Right." : `Not yet: ${best[2]}`;
  }

  // --- the forms -----------------------------------------------------------------------------------
  function remembered(name, text) {
    try {
      if (text !== undefined) localStorage.setItem(`answer ${name}`, text);
      return localStorage.getItem(`answer ${name}`) ?? "";
    } catch {
      return ""; // the browser keeps nothing of this page
    }
  }

  for (const [name, sheet] of Object.entries(window.bookSheets ?? {})) {
    const box = [...document.querySelectorAll("article .exercise")].find((one) =>
      one.textContent.includes(`check("${name}"`));
    if (!box) continue;
    const form = document.createElement("form");
    form.className = "answer";
    form.innerHTML =
      '<label><span></span> <input autocomplete="off" autocapitalize="off" spellcheck="false">' +
      '</label> <button>Check</button><output></output>';
    const [label, input, output] = form.querySelectorAll("span, input, output");
    label.textContent = `Your answer (${sheet.form})`;
    input.value = remembered(name);
    input.addEventListener("input", () => { output.textContent = ""; });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      remembered(name, input.value);
      output.textContent = check(name, sheet, input.value);
    });
    box.append(form);
  }
})();
