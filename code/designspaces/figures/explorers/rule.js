// The rule and what it costs, as in designs/regnet.py, architecture.py and complexity.py: a test
// holds them equal, numbers to the integer and refusals to the word.
(() => {
  "use strict";
  const WIDEST = 2 ** 20;
  const DEEPEST = 2 ** 10;

  function refuse(field, text, more) {
    throw Object.assign(new RangeError(text), { field, ...more });
  }

  // A number as Python prints it.
  function shown(value) {
    if (Number.isNaN(value)) return "nan";
    const size = Math.abs(value);
    if (value === 0 || Number.isInteger(value) || (size >= 1e-4 && size < 1e16)) return `${value}`;
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }

  // Halves go to the even neighbor, as numpy's do.
  function rounded(value) {
    const below = Math.floor(value);
    const rest = value - below;
    return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  }

  // What lies halfway but for a logarithm's last digits counts as halfway, as in Python.
  const halfToEven = (value) => rounded(rounded(value * 1e9) / 1e9);

  function whole(setting, field, most, of) {
    const value = setting[field];
    if (!Number.isInteger(value) || value < 1)
      refuse(field, `${field} is ${shown(value)}; expected a positive integer`);
    if (most) atMost(value, field, most, of);
    return value;
  }

  function atMost(value, field, most, of) {
    if (value > most) refuse(field, `${field} is ${shown(value)}; expected at most ${most} ${of}`);
  }

  function checkLine({ depth, w_0, w_a, w_m }) {
    whole({ depth }, "depth", DEEPEST, "blocks");
    whole({ w_0 }, "w_0", WIDEST, "channels");
    if (w_0 % 8) refuse("w_0", `w_0 is ${w_0}; expected a multiple of 8`);
    if (!(Number.isFinite(w_a) && w_a >= 0))
      refuse("w_a", `w_a is ${shown(w_a)}; expected a number of at least 0`);
    if (!(Number.isFinite(w_m) && w_m > 1))
      refuse("w_m", `w_m is ${shown(w_m)}; expected a number above 1`);
    atMost(w_a, "w_a", WIDEST, "channels a block");
    atMost(w_m, "w_m", WIDEST, "times as wide");
  }

  // Equations 2 to 4, and multiples of 8: for each block u_j, s_j, its power and w_j.
  function line(setting) {
    checkLine(setting);
    const { depth, w_0, w_a, w_m } = setting;
    const blocks = Array.from({ length: depth }, (_, j) => {
      const u = w_0 + w_a * j;
      const s = Math.log(u / w_0) / Math.log(w_m);
      const power = halfToEven(s);
      const exact = w_0 * w_m ** power;
      return { u, s, power, exact, w: halfToEven(exact / 8) * 8 };
    });
    const last = blocks[depth - 1].w;
    if (last > WIDEST)
      refuse(
        "w_a",
        `w_a is ${shown(w_a)} and w_m is ${shown(w_m)}: block ${depth} is ${last} wide; ` +
          `expected at most ${WIDEST} channels`
      );
    return blocks;
  }

  function leastCommonMultiple(a, b) {
    let [x, y] = [a, b];
    while (y) [x, y] = [y, x % y];
    return (a / x) * b;
  }

  // Whole groups: the nearest width and group width that fit.
  function compatible(lineWidth, groupWidth, ratio) {
    const divisor = Math.max(1, rounded(ratio));
    const multiplier = Math.max(1, rounded(1 / ratio));
    let v = Math.max(1, Math.floor((lineWidth * multiplier) / divisor));
    const g = Math.min(groupWidth, v);
    const step = leastCommonMultiple(g, multiplier);
    v = Math.max(step, rounded(v / step) * step);
    return { width: (v * divisor) / multiplier, g };
  }

  function checkRatio(ratio) {
    const field = "bottleneck_ratio";
    const bad = (expected) =>
      refuse(field, `stage 1: ${field} is ${shown(ratio)}; expected ${expected}`);
    if (!(Number.isFinite(ratio) && ratio > 0)) bad("a positive number");
    if (ratio > WIDEST || ratio < 1 / WIDEST) bad(`at most ${WIDEST}, or one over that`);
    const fraction = Math.max(1, rounded(ratio)) / Math.max(1, rounded(1 / ratio));
    if (Math.abs(fraction - ratio) > 1e-9 * ratio) bad("a whole number or one over it");
  }

  function checkedStage(number, depth, lineWidth, setting) {
    const ratio = setting.bottleneck_ratio;
    const { width, g } = compatible(lineWidth, setting.group_width, ratio);
    const where = `stage ${number}: `;
    if (width > WIDEST)
      refuse("group_width", `${where}width is ${width}; expected at most ${WIDEST} channels`);
    const exact = width / ratio;
    const v = rounded(exact);
    if (exact > WIDEST || Math.abs(exact - v) > 1e-9 * Math.max(exact, v))
      refuse(
        "bottleneck_ratio",
        `${where}bottleneck_ratio is ${shown(ratio)}; expected one that divides the width ${width}`
      );
    return { name: `stage ${number}`, depth, lineWidth, width, g, v };
  }

  function checkShared(setting, stages) {
    const { stem_stride: stride, se_ratio: share } = setting;
    whole(setting, "stem_width", WIDEST, "channels");
    if (stride !== 1 && stride !== 2)
      refuse("stem_stride", `stem_stride is ${shown(stride)}; expected 1 or 2`);
    if (!(share >= 0 && share <= 1))
      refuse("se_ratio", `se_ratio is ${shown(share)}; expected a number from 0 to 1`);
    stages.forEach((stage, i) => {
      const width = i ? stages[i - 1].width : setting.stem_width;
      if (share > 0 && rounded(width * share) < 1)
        refuse(
          "se_ratio",
          `${stage.name}: se_ratio is ${share === 1 ? "1.0" : shown(share)}, which squeezes ` +
            `${width} channels to none; expected at least one`
        );
    });
  }

  function strided(resolution, stride, where, stages) {
    if (resolution === 1 && stride > 1)
      refuse(
        "resolution",
        `${where}: cannot halve a resolution of 1x1; ` +
          "expected a larger input image, fewer stages or a stride of 1",
        { stages }
      );
    return Math.ceil(resolution / stride);
  }

  // A layer: name, channels and resolution that it puts out, parameters, multiply-adds, activations.
  function convolution(name, fanIn, width, kernel, resolution) {
    const weights = kernel ** 2 * fanIn * width;
    const pixels = resolution ** 2;
    return [name, width, resolution, weights + 2 * width, weights * pixels, width * pixels];
  }

  function squeeze(v, widthIn, resolution, share) {
    const squeezed = rounded(widthIn * share);
    const weights = v * squeezed + squeezed + squeezed * v + v;
    return ["squeeze-and-excitation", v, resolution, weights, weights, squeezed + v];
  }

  function block(stage, widthIn, resolutionIn, resolution, share) {
    const { v, g, width } = stage;
    const layers = [
      convolution("1x1 convolution", widthIn, v, 1, resolutionIn),
      convolution("3x3 convolution in groups", g, v, 3, resolution),
      convolution("1x1 convolution", v, width, 1, resolution),
    ];
    if (share > 0) layers.splice(2, 0, squeeze(v, widthIn, resolution, share));
    return layers;
  }

  function parts(setting, stages) {
    const { resolution: pixels, in_channels: gray, num_classes: classes, se_ratio: share } = setting;
    let resolution = strided(pixels, setting.stem_stride, "stem");
    let width = setting.stem_width;
    const stem = [convolution("3x3 convolution", gray, width, 3, resolution)];
    const found = [{ name: "stem", first: stem, further: [], count: 0 }];
    for (const stage of stages) {
      const before = resolution;
      resolution = strided(before, 2, stage.name, stages.length);
      const first = block(stage, width, before, resolution, share);
      first.push(convolution("shortcut, 1x1 convolution", width, stage.width, 1, resolution));
      const further = block(stage, stage.width, resolution, resolution, share);
      found.push({ name: stage.name, first, further, count: stage.depth - 1 });
      stage.resolution = resolution;
      width = stage.width;
    }
    const weights = width * classes + classes;
    const head = [["average and linear layer", classes, 1, weights, weights, classes]];
    return [...found, { name: "head", first: head, further: [], count: 0 }];
  }

  const cost = (layers, which) => layers.reduce((sum, layer) => sum + layer[which], 0);
  const costOf = (part, which) => cost(part.first, which) + part.count * cost(part.further, which);

  // What a setting makes. Throws a RangeError whose message is the ValueError's, with the field
  // and, where they are too many for the image, the stages.
  function rule(setting) {
    whole(setting, "group_width", WIDEST, "channels");
    const blocks = line(setting);
    checkRatio(setting.bottleneck_ratio);
    const depths = new Map();
    for (const { w } of blocks) depths.set(w, (depths.get(w) || 0) + 1);
    const stages = [...depths.keys()]
      .sort((a, b) => a - b)
      .map((w, i) => checkedStage(i + 1, depths.get(w), w, setting));
    checkShared(setting, stages);
    ["resolution", "in_channels", "num_classes"].forEach((field) => whole(setting, field));
    const made = parts(setting, stages);
    const [params, flops, activations] = [3, 4, 5].map((which) => {
      const count = made.reduce((sum, part) => sum + costOf(part, which), 0);
      return count <= Number.MAX_SAFE_INTEGER ? count : null; // beyond, doubles do not count
    });
    return { setting, blocks, stages, parts: made, params, flops, activations };
  }

  Object.assign(document.currentScript.parentElement, { rule, costOf, shown });
})();
