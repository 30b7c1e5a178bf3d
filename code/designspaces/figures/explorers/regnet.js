(async () => {
  "use strict";
  const root = document.currentScript.parentElement;
  const data = await root.given;

  const { rule, costOf, shown } = root; // of rule.js

  // --- The nearest trained network

  const total = (values) => values.reduce((sum, value) => sum + value, 0);

  // The error is in hundredths of a percent.
  const trained = [];
  for (const group of data.trained)
    group.rows.forEach(([index, seed, error, ...rest], i) => {
      const depths = rest.slice(0, rest.length / 2);
      const widths = rest.slice(rest.length / 2);
      const id = `${group.space}/${group.sample_seed}/${index}/${seed}`;
      const drawn = group.drawn && group.drawn[i];
      trained.push({ id, group, error, depths, widths, drawn, depth: total(depths) });
    });

  // The mean |log| of the ratio of two networks' widths, each at the same share of its depth.
  function widthsApart(a, b) {
    let [i, j, at, sum] = [0, 0, 0, 0];
    let [endA, endB] = [a.depths[0] / a.depth, b.depths[0] / b.depth];
    while (i < a.depths.length && j < b.depths.length) {
      const end = Math.min(endA, endB);
      sum += (end - at) * Math.abs(Math.log(a.widths[i] / b.widths[j]));
      at = end;
      if (endA <= end + 1e-12) endA += a.depths[++i] / a.depth;
      if (endB <= end + 1e-12) endB += b.depths[++j] / b.depth;
    }
    return sum;
  }

  function nearest({ stages }) {
    const depths = stages.map(({ depth }) => depth);
    const mine = { depths, widths: stages.map(({ width }) => width), depth: total(depths) };
    let best = null;
    for (const one of trained) {
      const apart = widthsApart(mine, one);
      const distance = apart + Math.abs(Math.log(mine.depth / one.depth));
      if (!best || distance < best.distance) best = { ...one, apart, distance };
    }
    return best;
  }

  // --- What a reader sees

  const fields = Object.keys(data.start);
  const byName = new Map(data.presets.map(({ name, setting }) => [name, setting]));
  let setting = data.start;
  let good = rule(setting);
  let near = nearest(good);
  let at = Math.floor(good.blocks.length / 2);
  let locked = "";

  const count = (value) => (value === null ? "more than 2⁵³" : value.toLocaleString("en-US"));
  const short = (value, digits = 4) => `${Number(value.toPrecision(digits))}`;
  const listed = (values) =>
    values.length < 2 ? `${values}` : `${values.slice(0, -1).join(", ")} and ${values.slice(-1)}`;
  const plural = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const rounds = (setting) => ["w_0", "w_a", "w_m"].map((field) => shown(setting[field]));

  const host = document.createElement("div");
  host.className = "rx";
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", "RegNet explorer");
  for (const [name, color] of Object.entries(data.colors)) host.style.setProperty(`--${name}`, color);
  const options = [...byName.keys()].map((name) => `<option>${name}</option>`).join("");
  host.innerHTML = `
    <p class="rx-note" role="status" hidden></p>
    <p class="rx-left" hidden></p>
    <div class="rx-choices">
      <label>Network <select class="rx-preset"><option value="">your own</option>${options}
      </select></label>
      <label>Images <select class="rx-images">
        <option value="1,10">gray, 10 classes</option><option value="3,1000">color, 1000 classes</option>
      </select></label>
      <label>Stem stride <select data-field="stem_stride"><option>1</option><option>2</option></select>
      </label>
      <label><input type="checkbox" data-field="se_ratio"> squeeze-and-excitation</label>
      <span class="rx-about"></span></div>
    <div class="rx-panels" role="slider" tabindex="0" aria-label="Block" aria-valuemin="0">
      <div></div><div></div></div>
    <div class="rx-equations">${["u", "s", "w", "near"]
      .slice(0, trained.length ? 4 : 3)
      .map((light) => `<button type="button" data-light="${light}" aria-pressed="false"></button>`)
      .join("")}
    </div>
    <div class="rx-controls">${data.controls
      .map(
        ({ field, symbol, words, ticks, step }) => `
        <div class="rx-control"><span><i>${symbol}</i> ${words}</span>
        <input type="range" min="0" max="${ticks.length - 1}" data-field="${field}"
          aria-label="${words}">
        <input type="number" step="${step}" data-field="${field}" inputmode="decimal"
          aria-label="${words}, a number"></div>`
      )
      .join("")}
    </div>
    <p class="rx-problem" hidden></p>
    <div class="rx-counts"></div>
    <div class="rx-stages" role="region" aria-label="Stages" tabindex="0"></div>
    <p class="rx-near"></p>
    <details class="rx-walk"><summary>Walk through this network</summary><div></div></details>
    <p class="rx-code"><code></code></p>
    <p class="rx-code"><button type="button">Copy as Python</button> <a>Link to this setting</a></p>
    <p class="rx-live" aria-live="polite"></p>`;
  const find = (selector) => host.querySelector(selector);
  const inputs = [...host.querySelectorAll("[data-field]")];
  const lights = [...host.querySelectorAll("[data-light]")];
  const panels = find(".rx-panels");
  // A frame without an address of its own, as on Colab, has nothing that a link could lead to.
  find(".rx-code a").hidden = location.protocol === "about:";

  function svg(width, height, body) {
    return (
      `<svg aria-hidden="true" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}">${body}</svg>`
    );
  }

  // At most about `most` round numbers from 0 to `top`.
  function ticks(top, most, least = 0) {
    const rough = Math.max(top / most, least);
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((one) => one * size >= rough * 0.999) * size;
    return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
  }

  function frame(width, top, title, yTicks) {
    const height = panels.clientWidth < 480 ? 176 : 236; // both drawings on a phone's screen
    const [left, right, up, down] = [46, 6, 26, 36];
    const depth = good.blocks.length;
    const x = (j) => left + ((j + 0.5) / depth) * (width - left - right);
    const y = (value) => height - down - (value / top) * (height - up - down);
    const grid = yTicks
      .map(
        (tick) =>
          `<path class="rx-grid" d="M${left} ${y(tick)}H${width - right}"/>` +
          `<text class="rx-end" x="${left - 6}" y="${y(tick) + 4}">${short(tick)}</text>`
      )
      .join("");
    const blocks = ticks(depth - 1 || 1, 6, 1)
      .filter((j) => j < depth)
      .map((j) => `<text class="rx-mid" x="${x(j)}" y="${height - down + 16}">${j}</text>`)
      .join("");
    const words =
      `<text class="rx-title" x="${left}" y="14">${title}</text>` +
      `<text class="rx-mid" x="${(left + width - right) / 2}" y="${height - 4}">block j</text>`;
    const half = (x(1) - x(0)) / 2;
    const here =
      `<rect class="rx-here" x="${x(at) - half}" width="${2 * half}" y="${up}" ` +
      `height="${height - up - down}"/>`;
    return { x, y, half, height, left, right: width - right, base: here + grid + blocks + words };
  }

  const low = (letter) => `<tspan dy="3" font-size="10">${letter}</tspan><tspan dy="-3">\u200b</tspan>`;
  const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

  function drawPowers(width) {
    const { blocks } = good;
    const levels = Math.max(1, ...blocks.map(({ power }) => power));
    const top = Math.max(levels, ...blocks.map(({ s }) => s)) * 1.12;
    const { x, y, left, right, height, base } = frame(
      width, top, `powers of w${low("m")}: ${plural(good.stages.length, "stage")}`,
      ticks(top, 6, 1)
    );
    const halves = levels > 12 ? [] : Array.from({ length: levels }, (_, k) => k + 0.5);
    const dashes = halves.map((k) => `<path d="M${left} ${y(k)}H${right}"/>`).join("");
    const ties = blocks.map(({ s, power }, j) => `<path d="M${x(j)} ${y(s)}V${y(power)}"/>`).join("");
    const dots = blocks.map(({ s }, j) => `<circle cx="${x(j)}" cy="${y(s)}" r="2.4"/>`).join("");
    const squares = blocks
      .map(({ power }, j) => `<rect x="${x(j) - 2.6}" y="${y(power) - 2.6}" width="5.2" height="5.2"/>`)
      .join("");
    return svg(
      width, height,
      `${base}<g class="rx-half">${dashes}</g><g class="rx-tie">${ties}</g>
      <g class="rx-s"><path class="rx-curve" d="${path(blocks.map(({ s }, j) => [x(j), y(s)]))}"/>${dots}
      </g><g class="rx-power">${squares}</g>`
    );
  }

  // The outline of stairs that have `widths[i]` over `depths[i]` blocks, stretched to `share`.
  function stairs({ x, y, half }, depths, widths, share) {
    const points = [];
    let j = 0;
    depths.forEach((depth, i) => {
      points.push([x(j) - half, y(widths[i])]);
      j += depth * share;
      points.push([x(j) - half, y(widths[i])]);
    });
    return path(points);
  }

  function drawSteps(width) {
    const { blocks, stages } = good;
    const depths = stages.map(({ depth }) => depth);
    const built = stages.map((stage) => stage.width);
    const lit = (locked || host.dataset.light) === "near" ? near.widths : [];
    const last = blocks[blocks.length - 1];
    const top = Math.max(last.u, last.w, ...built, ...lit) * 1.06;
    const moved = stages.some((stage) => stage.width !== stage.lineWidth);
    const title = `channels${moved ? " (dashed: as built)" : ""}`;
    const drawn = frame(width, top, title, ticks(top, 5));
    const { x, y, half, height, base } = drawn;
    const bars = blocks
      .map(({ w }, j) => {
        const wide = 2 * half * 0.86;
        return `<rect x="${x(j) - wide / 2}" y="${y(w)}" width="${wide}" height="${y(0) - y(w)}"/>`;
      })
      .join("");
    let start = 0;
    let free = 0; // where the last label and the room behind it end
    const labels = stages
      .map((stage) => {
        const middle = x(start + (stage.depth - 1) / 2);
        start += stage.depth;
        const reach = `${stage.width}`.length * 4;
        if (reach > stage.depth * half + 2 || middle - reach < free) return "";
        free = middle + reach + 4;
        return `<text class="rx-mid" x="${middle}" y="${y(0) - 5}">${stage.width}</text>`;
      })
      .join("");
    const share = near ? blocks.length / near.depth : 1;
    return svg(
      width, height,
      `${base}<g class="rx-w">${bars}</g>
      ${moved ? `<path class="rx-built" d="${stairs(drawn, depths, built, 1)}"/>` : ""}
      ${near ? `<path class="rx-other" d="${stairs(drawn, near.depths, near.widths, share)}"/>` : ""}
      <path class="rx-u" d="${path(blocks.map(({ u }, j) => [x(j), y(u)]))}"/>${labels}`
    );
  }

  function draw() {
    const [powers, steps] = panels.children;
    const width = Math.max(220, Math.floor(powers.clientWidth));
    powers.innerHTML = drawPowers(width);
    steps.innerHTML = drawSteps(width);
    tellBlock();
  }

  function tellBlock() {
    const { u, s, power, exact, w } = good.blocks[at];
    const [w_0, w_a, w_m] = rounds(good.setting);
    const sub = (name) => `<i>${name}</i><sub>${at}</sub>`;
    const texts = {
      u: `<span>${sub("u")} = <i>w</i><sub>0</sub> + <i>w<sub>a</sub></i> · ${at}</span>
        <span>= ${w_0} + ${w_a} · ${at} = <b>${short(u, 6)}</b></span>`,
      s: `<span>${sub("s")} = log(${sub("u")} / <i>w</i><sub>0</sub>) / log <i>w<sub>m</sub></i></span>
        <span>= ${short(s)}, rounded <b>${power}</b></span>`,
      w: `<span>${sub("w")} = <i>w</i><sub>0</sub> <i>w<sub>m</sub></i><sup>round ${sub("s")}</sup></span>
        <span>= ${w_0} · ${w_m}<sup>${power}</sup> = ${short(exact, 6)}, by eights <b>${w}</b></span>`,
      near: near ? `<span>nearest trained network</span><span>${near.id}</span>` : "",
    };
    for (const button of lights) button.innerHTML = texts[button.dataset.light];
    panels.setAttribute("aria-valuemax", good.blocks.length - 1);
    panels.setAttribute("aria-valuenow", at);
    panels.setAttribute(
      "aria-valuetext",
      `block ${at}: on the line ${short(u)}, power ${short(s)}, rounded ${power}, width ${w}`
    );
  }

  const table = (head, rows) =>
    `<table><thead><tr>${head.map((one) => `<th scope="col">${one}</th>`).join("")}</tr></thead>
    <tbody>${rows
      .map(([first, ...rest]) => {
        const cells = rest.map((one) => `<td>${one}</td>`).join("");
        return `<tr><th scope="row">${first}</th>${cells}</tr>`;
      })
      .join("")}</tbody></table>`;

  // What makes a trained RegNet, on the images that it was trained on.
  function numbersOf({ group, drawn, depth }) {
    const [w_0, w_a, w_m, bottleneck_ratio, group_width] = drawn;
    const line = { depth, w_0, w_a, w_m, bottleneck_ratio, group_width };
    const task = { resolution: group.resolution, in_channels: 1, num_classes: 10, se_ratio: 0 };
    return { ...line, ...task, stem_width: group.stem[0], stem_stride: group.stem[1] };
  }

  function tellNear() {
    if (!near) return "";
    const { group, error, depths, widths, depth, apart, drawn } = near;
    const ended = error === null ? "its training diverged" : `error ${(error / 100).toFixed(2)}%`;
    const first = `<b>The nearest trained network</b> is ${near.id} of the ${group.study}: ${ended}, recipe ${group.recipe},
      ${group.resolution} pixels.`;
    if (drawn && Object.entries(numbersOf(near)).every(([field, value]) => good.setting[field] === value))
      return `${first} It is this network.`;
    const load = drawn ? ' <button type="button" class="rx-load">Take its numbers</button>' : "";
    const differ = apart ? `widths that differ by a factor of ${short(Math.exp(apart), 3)} on average` : "the same widths";
    return `${first} It has ${listed(depths)} blocks of ${listed(widths)} channels, so
      ${plural(depth, "block")} against ${good.blocks.length}, and ${differ}. Bottlenecks and groups are not compared.${load}`;
  }

  function summary() {
    const { stages, params, flops, activations } = good;
    return `${plural(stages.length, "stage")} of ${listed(stages.map(({ depth }) => depth))} blocks, widths
      ${listed(stages.map(({ width }) => width))}; ${count(params)} parameters, ${count(flops)}
      multiply-adds, ${count(activations)} activations.`;
  }

  function python() {
    const { setting: s } = good;
    const rest = [`group_width=${s.group_width}`];
    for (const [field, usual] of Object.entries(data.defaults))
      if (s[field] !== usual) rest.push(`${field}=${shown(s[field])}`);
    return `regnet.generate(${s.depth}, ${rounds(s).join(", ")}, ${rest.join(", ")})`;
  }

  function tell() {
    const { stages, params, flops, activations } = good;
    draw();
    const counts = { parameters: params, "multiply-adds": flops, activations };
    find(".rx-counts").innerHTML = Object.entries(counts)
      .map(([words, n]) => `<div><b>${count(n)}</b> ${words}</div>`)
      .join("");
    const all = total(good.parts.map((part) => costOf(part, 4)));
    find(".rx-stages").innerHTML = table(
      "stage,blocks,<i>w<sub>j</sub></i>,as built,groups,pixels,work".split(","),
      stages.map(({ depth, lineWidth, width, v, g, resolution }, i) => {
        const share = (100 * costOf(good.parts[i + 1], 4)) / all;
        return [i + 1, depth, lineWidth, width, `${v / g} × ${g}`, resolution, `${share.toFixed(1)}%`];
      })
    );
    find(".rx-near").innerHTML = tellNear();
    find(".rx-code code").textContent = python();
    find(".rx-code a").href = hash();
    walk();
  }

  function walk() {
    const details = find(".rx-walk");
    if (!details.open) return;
    const image = [good.setting.in_channels, good.setting.resolution];
    root.walk(details.lastElementChild, { image, parts: good.parts });
  }

  // --- The state: in the fields, in the address, aloud

  function hash() {
    return `#regnet?${fields.map((field) => `${field}=${good.setting[field]}`).join("&")}`;
  }

  function showFields() {
    for (const input of inputs) {
      const value = setting[input.dataset.field];
      if (input.type === "checkbox") input.checked = value > 0;
      else if (input.type === "range") {
        const { ticks: marks } = data.controls.find(({ field }) => field === input.dataset.field);
        const off = marks.map((mark) => Math.abs(mark - value));
        if (off[0] >= 0) input.value = off.indexOf(Math.min(...off));
        input.setAttribute("aria-valuetext", shown(value));
      } else if (document.activeElement !== input) input.value = Number.isNaN(value) ? "" : value;
    }
    find(".rx-images").value = `${setting.in_channels},${setting.num_classes}`;
    const same = data.presets.find(({ setting: one }) => fields.every((f) => one[f] === setting[f]));
    find(".rx-preset").value = same ? same.name : "";
    find(".rx-about").textContent =
      same && same.error ? `top-1 error on ImageNet, as reported: ${same.error}%` : "";
  }

  let later = 0;
  function aloud(text) {
    clearTimeout(later);
    later = setTimeout(() => (find(".rx-live").textContent = text), 400);
  }

  function note(text) {
    find(".rx-note").textContent = text;
    find(".rx-note").hidden = !text;
  }

  // Take a setting up: draw it, or say which rule it breaks and leave the last good one standing.
  function take(next, silent) {
    setting = next;
    let problem = null;
    try {
      const empty = fields.find((field) => Number.isNaN(setting[field]));
      const told = `${empty} is empty; expected a number`;
      if (empty) throw Object.assign(new RangeError(told), { field: empty });
      good = rule(setting);
    } catch (error) {
      if (!error.field) throw error;
      problem = error;
    }
    for (const input of inputs) {
      if (problem && input.dataset.field === problem.field) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    // What is too much for the image may be the line's doing.
    const also = problem && problem.stages ? ` This line has ${plural(problem.stages, "stage")}.` : "";
    const text = problem ? `${problem.message}.${also}` : "";
    find(".rx-problem").textContent = text && `${text} Shown is the last network that there was.`;
    find(".rx-problem").hidden = !text;
    host.classList.toggle("rx-old", Boolean(text));
    if (!problem) {
      near = nearest(good);
      at = Math.min(at, good.blocks.length - 1);
      tell();
      if (!silent) remember();
    }
    showFields();
    if (!silent) aloud(text ? `No such network: ${text}` : summary());
  }

  function remember() {
    note("");
    try {
      history.replaceState(null, "", hash());
    } catch (error) {
      // A frame without an address of its own, as on Colab, keeps no state.
    }
  }

  // The setting in the address; null where the address is not this explorer's.
  function fromAddress() {
    const [mark, query] = location.hash.split("?");
    if (mark !== "#regnet" || !query) return null;
    const found = new URLSearchParams(query);
    const read = {};
    for (const field of fields) read[field] = found.get(field) ? Number(found.get(field)) : NaN;
    const lacks = fields.filter((field) => !Number.isFinite(read[field]));
    const foreign = [...found.keys()].filter((key) => !fields.includes(key));
    if (lacks.length) throw new RangeError(`it has no number for ${lacks[0]}`);
    if (foreign.length) throw new RangeError(`${listed(foreign)} is unknown`);
    const task = `${read.in_channels},${read.num_classes}`;
    if (![0, 0.25].includes(read.se_ratio) || !["1,10", "3,1000"].includes(task))
      throw new RangeError("its images or its se_ratio are not to be had here");
    rule(read);
    return read;
  }

  function arrive() {
    try {
      const found = fromAddress();
      note("");
      if (found) take(found, true);
    } catch (error) {
      take(data.start, true);
      note(`The setting in the address cannot be shown: ${error.message}. This is ${data.name}.`);
    }
    if (location.hash.startsWith("#regnet?")) root.scrollIntoView();
  }

  // --- What a reader does

  host.oninput = ({ target }) => {
    const { field } = target.dataset;
    if (!field) return;
    let value = target.value === "" ? NaN : Number(target.value);
    if (target.type === "range") value = data.controls.find((c) => c.field === field).ticks[value];
    if (target.type === "checkbox") value = target.checked ? 0.25 : 0;
    take({ ...setting, [field]: value });
  };

  // A finger that turned out to scroll the page has moved no slider.
  let kept = null;
  host.onpointerdown = () => (kept = setting);
  host.onpointercancel = () => setting !== kept && take(kept);

  host.onchange = ({ target }) => {
    if (target.matches(".rx-preset") && byName.has(target.value)) take(byName.get(target.value));
    if (target.matches(".rx-images")) {
      const [in_channels, num_classes] = target.value.split(",").map(Number);
      take({ ...setting, in_channels, num_classes });
    }
    if (target.type === "number") showFields();
  };

  function light(name) {
    const before = host.dataset.light;
    host.dataset.light = locked || name || "";
    if ((before === "near") !== (host.dataset.light === "near")) draw();
  }

  for (const button of lights) {
    const name = button.dataset.light;
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => light(name));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => light(""));
    button.addEventListener("click", () => {
      locked = locked === name ? "" : name;
      for (const one of lights) one.setAttribute("aria-pressed", one.dataset.light === locked);
      light(name);
    });
  }

  function goTo(j) {
    at = Math.max(0, Math.min(good.blocks.length - 1, j));
    draw();
  }

  panels.onkeydown = (event) => {
    const to = {
      ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1,
      PageUp: at + 10, PageDown: at - 10, Home: 0, End: Infinity,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    goTo(to);
  };
  panels.onpointerdown = panels.onpointermove = ({ clientX, target }) => {
    const drawing = target.closest("svg");
    if (!drawing) return;
    const { left, width } = drawing.getBoundingClientRect();
    const wide = drawing.viewBox.baseVal.width;
    const inside = (((clientX - left) / width) * wide - 46) / (wide - 52);
    const j = Math.floor(inside * good.blocks.length);
    if (j !== at && j >= 0 && j < good.blocks.length) goTo(j);
  };

  find(".rx-near").addEventListener("click", ({ target }) => {
    if (!target.matches(".rx-load")) return;
    take({ ...setting, ...numbersOf(near) });
    find(".rx-preset").focus();
  });

  find(".rx-code button").addEventListener("click", async ({ target }) => {
    const code = find(".rx-code code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      target.textContent = "Copied";
    } catch (error) {
      getSelection().selectAllChildren(code);
      target.textContent = "Selected";
    }
    setTimeout(() => (target.textContent = "Copy as Python"), 2000);
  });

  find(".rx-walk").addEventListener("toggle", walk);
  addEventListener("hashchange", arrive);

  if (data.left_out.length) {
    find(".rx-left").textContent = `Left out, since the record is not whole: ${data.left_out.join("; ")}.`;
    find(".rx-left").hidden = false;
  }
  const still = root.querySelector(".explorer-still");
  still.hidden = true;
  still.after(host);
  take(setting, true);
  arrive();
  if (window.ResizeObserver) {
    let before = panels.firstElementChild.clientWidth;
    new ResizeObserver(() => {
      const now = panels.firstElementChild.clientWidth;
      if (now && now !== before) draw();
      before = now;
    }).observe(panels);
  }
})();
