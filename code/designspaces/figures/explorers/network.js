// A network to walk through: boxes to scale, a block's layers when it is opened.
(async () => {
  "use strict";
  const root = document.currentScript.parentElement;
  const HIGH = 72; // pixels of the image's side
  const WIDE = 46; // pixels of the most channels

  const count = (value) => value.toLocaleString("en-US");
  const total = (layers, which) => layers.reduce((sum, layer) => sum + layer[which], 0);
  const cube = ([, channels, pixels]) => `${channels} × ${pixels} × ${pixels}`;

  // Every block in a row: its part, its number there, its layers, and what enters it.
  function blocksOf({ image, parts }) {
    const blocks = [];
    let enters = ["image", ...image];
    for (const { name, first, further, count: more } of parts)
      for (let i = 0; i <= more; i++) {
        const layers = i ? further : first;
        blocks.push({ part: name, number: i + 1, of: more + 1, layers, enters });
        enters = layers[layers.length - 1];
      }
    return blocks;
  }

  const title = ({ part, number, of }) =>
    part.startsWith("stage") ? `${part}, block ${number} of ${of}` : part;

  // An element around a box to scale, with room to be pressed where the box is small.
  function around(tag, attributes, [, channels, pixels], scale, kind) {
    const height = Math.max(1, (pixels * HIGH) / scale.pixels);
    const width = Math.max(1, (channels * WIDE) / scale.channels);
    const size = `height:${height.toFixed(1)}px;width:${width.toFixed(1)}px`;
    return `<${tag} ${attributes} style="height:${Math.max(28, height + 12).toFixed(0)}px">
      <span class="nw-box nw-${kind}" style="${size}"></span></${tag}>`;
  }

  function table({ layers }) {
    const rows = layers.map(
      (layer) => `<tr><th scope="row">${layer[0]}</th><td>${layer[1]} × ${layer[2]}²</td>
        <td>${count(layer[3])}</td><td>${count(layer[4])}</td></tr>`
    );
    return `<table><thead><tr><th scope="col">layer</th><th scope="col">puts out</th>
      <th scope="col">parameters</th><th scope="col">multiply-adds</th></tr></thead>
      <tbody>${rows.join("")}</tbody></table>`;
  }

  function tell(block, whole) {
    const { layers, enters } = block;
    const last = layers[layers.length - 1];
    const share = (which) => `${((100 * total(layers, which)) / whole[which]).toFixed(1)}%`;
    const norm = layers.some(([name]) => name.includes("convolution"))
      ? " Each convolution is counted with its batch norm." : "";
    return `<b>${title(block)}</b> takes ${cube(enters)} and puts out ${cube(last)}:
      ${count(total(layers, 3))} parameters, ${share(3)} of the network's, and
      ${count(total(layers, 4))} multiply-adds, ${share(4)}.${norm}`;
  }

  // Draw the network into `place`; the block that was open there stays open, if there still is one.
  function walk(place, network) {
    const blocks = blocksOf(network);
    const outs = blocks.map(({ layers }) => layers[layers.length - 1]);
    const scale = {
      pixels: network.image[1],
      channels: Math.max(...outs.slice(0, -1).map(([, channels]) => channels)),
    };
    const all = blocks.map(({ layers }) => layers).reduce((a, b) => a.concat(b));
    const whole = { 3: total(all, 3), 4: total(all, 4) };
    const kept = place.querySelector("[aria-expanded=true]");
    const opened = kept ? Number(kept.dataset.block) : -1;

    const button = (block, i) => {
      const states = `type="button" data-block="${i}" tabindex="${i ? -1 : 0}" aria-expanded="false"`;
      const label = `aria-label="${title(block)}, ${cube(outs[i])}"`;
      return around("button", `${states} ${label}`, outs[i], scale, block.part);
    };
    const image = around("span", "", ["", ...network.image], scale, "image");
    const groups = network.parts.map(({ name, count: more }) => {
      const mine = blocks.map((block, i) => (block.part === name ? button(block, i) : "")).join("");
      const out = outs[blocks.findIndex(({ part }) => part === name)];
      const stage = name.startsWith("stage");
      const said = stage ? `${more + 1} × ${out[1]} × ${out[2]}²` : `${out[1]} × ${out[2]}²`;
      return `<div class="nw-part"><div class="nw-boxes">${mine}</div>
        <div><b>${name}</b><br>${said}</div></div>`;
    });
    place.innerHTML = `<div class="nw">
      <p class="nw-how">Open a block to see its layers. Arrow keys go from block to block, up and down
        from part to part.</p>
      <div class="nw-row" role="group" aria-label="Blocks, from the image to the classes">
        <div class="nw-part"><div class="nw-boxes">${image}</div><div><b>image</b><br>${network.image.join(" × ")}²</div></div>${groups.join("")}
      </div><p class="nw-told" aria-live="polite"></p>
      <div class="nw-panel" role="region" aria-label="Layers of the open block" tabindex="0"></div>
      </div>`;

    const buttons = [...place.querySelectorAll("[data-block]")];
    const told = place.querySelector(".nw-told");
    const panel = place.querySelector(".nw-panel");

    function open(i) {
      buttons.forEach((one, k) => one.setAttribute("aria-expanded", k === i));
      told.innerHTML = i < 0 ? "" : tell(blocks[i], whole);
      panel.innerHTML = i < 0 ? "" : table(blocks[i]);
    }

    function reach(i) {
      buttons.forEach((one, k) => (one.tabIndex = k === i ? 0 : -1));
      buttons[i].focus();
      if (panel.innerHTML) open(i);
    }

    // The first block of the part before or after that of block i.
    function acrossParts(i, by) {
      const firsts = blocks.map(({ number }, k) => (number === 1 ? k : -1)).filter((k) => k >= 0);
      const found = by > 0 ? firsts.find((k) => k > i) : firsts.reverse().find((k) => k < i);
      return found === undefined ? i : found;
    }

    const row = place.querySelector(".nw-row");
    row.addEventListener("click", ({ target }) => {
      const i = buttons.indexOf(target.closest("button"));
      if (i < 0) return;
      const closes = buttons[i].getAttribute("aria-expanded") === "true";
      open(-1);
      reach(i);
      if (!closes) open(i);
    });
    row.addEventListener("keydown", (event) => {
      const i = buttons.indexOf(event.target);
      const last = buttons.length - 1;
      if (i < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const to = {
        ArrowRight: Math.min(last, i + 1), ArrowLeft: Math.max(0, i - 1), Home: 0, End: last,
        ArrowDown: acrossParts(i, 1), ArrowUp: acrossParts(i, -1),
      }[event.key];
      if (event.key === "Escape") open(-1);
      if (to === undefined) return;
      event.preventDefault();
      reach(to);
    });
    if (opened >= 0 && opened < blocks.length) {
      open(opened);
      buttons.forEach((one, k) => (one.tabIndex = k === opened ? 0 : -1));
    }
  }

  root.walk = walk; // the RegNet explorer draws its own networks with it
  if (!root.matches(".explorer-network")) return;
  const data = await root.given;
  const place = document.createElement("div");
  const still = root.querySelector(".explorer-still");
  for (const [name, color] of Object.entries(data.colors)) root.style.setProperty(`--${name}`, color);
  still.hidden = true;
  still.after(place);
  walk(place, data);
})();
