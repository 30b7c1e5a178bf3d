// The EDF explorer: each step of a curve is a network that can be pointed at, or reached by keys.
(async () => {
  "use strict";
  const root = document.currentScript.parentElement;
  const still = root.querySelector(".explorer-still");
  const data = await root.given;

  let placed = 0; // networks of the curves before: they stand one curve after the other
  const curves = data.curves.map((curve, number) => {
    const first = placed;
    placed += curve.n;
    const networks = Array.from({ length: curve.n }, (_, rank) => {
      const one = Object.fromEntries(
        data.fields.map((field, i) => [field, data.columns[i][first + rank]]).filter(([, value]) => value !== null),
      );
      const how = data.hows[one.how];
      return { ...one, rank, number, how, id: [curve.space, how.sample_seed, one.index, one.seed].join("/") };
    });
    return { ...curve, number, networks, errors: networks.map((one) => one.error_percent) };
  });
  const some = curves.filter(({ networks }) => networks.length);
  if (!some.length) return; // the still figure says that there is nothing yet

  // --- Numbers and words

  const escaped = (text) =>
    String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const plain = (value) => Number(value.toPrecision(3)).toLocaleString("en-US");
  const percent = (value) => `${value.toFixed(1)}%`;
  const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
  const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const staged = (value, stages) => (Array.isArray(value) ? value : stages.map(() => value));
  const listed = (values) => [].concat(values).join(", ");
  const blocks = ({ depths }) => depths.reduce((sum, depth) => sum + depth, 0);
  // Of widths alone each is a block's.
  const byBlock = ({ depths, widths }) => widths.flatMap((width, i) => Array(depths ? depths[i] : 1).fill(width));
  // What a network of one's own kind has beside what every network has.
  const SHOWN = ["kind", "depths", "widths"];
  const own = ({ settings }) => Object.entries(settings || {}).filter(([name]) => !SHOWN.includes(name));
  const spoken = (value) => (value === true ? "yes" : value === false ? "no" : Array.isArray(value) ? value.map(spoken).join(", ") : value !== null && typeof value === "object" ? JSON.stringify(value) : `${value}`);
  const median = (values) => {
    const ordered = [...values].sort((a, b) => a - b);
    const half = ordered.length / 2;
    return (ordered[Math.ceil(half) - 1] + ordered[Math.floor(half)]) / 2;
  };
  const toEven = (value) => {
    const near = Math.round(value * 1e9) / 1e9;
    const floor = Math.floor(near);
    if (near - floor !== 0.5) return Math.round(near);
    return floor + (floor % 2);
  };
  // The quantized line that Python found nearest, block by block (designs/regnet.py).
  const quantized = ([first, slope, factor], j) => {
    const power = toEven(Math.log((first + slope * j) / first) / Math.log(factor));
    return 8 * toEven((first * factor ** power) / 8);
  };

  // --- What is chosen

  const start = () => some.find(({ shown }) => shown) || some[0];
  const middle = ({ networks }) => networks[Math.floor((networks.length - 1) / 2)];
  const atFirst = () => some.filter((one) => one.shown || one === start()).map((one) => one.number);
  let shown, at, best, held;

  function reset() {
    [shown, at, best, held] = [new Set(atFirst()), middle(start()), 25, false];
  }

  const drawn = () => some.filter(({ number }) => shown.has(number));
  const curveOf = (network) => curves[network.number];

  // --- The page's parts

  const host = document.createElement("div");
  host.className = "edf";
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", "EDF explorer");
  const sample = ({ color, width, dash }) =>
    `<svg width="26" height="10" aria-hidden="true"><path d="M0 5H26" stroke="${color}"
      stroke-width="${width}" stroke-dasharray="${dash}"/></svg>`;
  const left = data.left_out.length
    ? `<p class="edf-left">Left out, since the record is not whole: ${escaped(data.left_out.join("; "))}.</p>`
    : "";
  host.innerHTML = `
    <p class="edf-note" role="status" hidden></p>${left}
    <div class="edf-curves" role="group" aria-label="Curves" ${curves.length > 1 ? "" : "hidden"}>${curves
      .map((one, i) => {
        const empty = !one.networks.length;
        const told = empty ? escaped(one.still) : percent(median(one.errors));
        const head = i && curves[i - 1].study === one.study ? "" : `<span>The ${one.study}, median errors:</span>`;
        return `${head}<label><input type="checkbox" value="${one.number}" ${empty ? "disabled" : ""}>
          ${sample(one)} <b>${escaped(one.name)}</b> ${told}</label>`;
      })
      .join("")}</div>
    <p class="edf-hint edf-waiting" ${data.waiting ? "" : "hidden"}>${escaped(data.waiting)}</p>
    <div class="edf-chart" role="slider" tabindex="0" aria-label="Network" aria-valuemin="1"></div>
    <p class="edf-hint">Point at a step, touch it, or press keys: left and right go to the next network,
      up and down to the next curve, page keys by ten. A click holds a network, another lets it go.</p>
    <div class="edf-one"><div><div class="edf-shape"></div><p class="edf-recipe"></p></div><div><p class="edf-name"></p><dl></dl></div></div>
    <pre><code></code></pre>
    <p class="edf-take"><button type="button">Copy as Python</button>
      <a class="edf-link">Link to this network</a> <a class="edf-json">Its row as JSON</a></p>
    <div class="edf-share"><label>The best <input type="range" min="5" max="50" step="5"> <output></output></label>
      <span></span></div>
    <div class="edf-strips"></div>
    <div class="edf-pair"></div>
    <p class="edf-live" role="status"></p>`;
  const find = (selector) => host.querySelector(selector);
  const [chart, note, range] = [find(".edf-chart"), find(".edf-note"), find("input[type=range]")];
  const boxes = [...host.querySelectorAll("input[type=checkbox]")];
  // A frame without an address of its own, as on Colab, has nothing that a link could lead to.
  find(".edf-link").hidden = location.protocol === "about:";
  const svg = (width, height, inside) =>
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${inside}</svg>`;
  const text = (x, y, words, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${escaped(words)}</text>`;
  const line = (d, kind, more = "") => `<path d="${d}" class="${kind}" ${more}/>`;
  const look = ({ color, width, dash }) =>
    `stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash}"`;

  // --- The curves

  let plot = null; // what a pointer needs: the axes of the last drawing

  // As in the still figures: a few failures must not rule the axis.
  function limits() {
    const errors = [...drawn().flatMap((one) => one.errors), ...data.mine].sort((a, b) => a - b);
    const high = errors[Math.floor(0.98 * (errors.length - 1))];
    return [Math.max(0, Math.floor(errors[0] - 0.5)), Math.ceil(high + 0.5)];
  }

  // The corners of a curve, moved up by a share, as far as the axis goes.
  function corners({ errors }, { x, y, high, left, right }, up = 0) {
    const share = (i) => y(Math.min(1, Math.max(0, i / errors.length + up)));
    const inside = errors.filter((error) => error <= high);
    const found = inside.flatMap((error, i) => [[x(error), share(i)], [x(error), share(i + 1)]]);
    return [[left, share(0)], ...found, [right, share(inside.length)]];
  }

  const through = (points) => `M${points.map((point) => point.map((at) => at.toFixed(1))).join("L")}`;

  function draw() {
    const width = Math.max(240, chart.clientWidth);
    const height = width < 480 ? 270 : 350;
    const [left, right, top, bottom] = [46, width - 12, 12, height - 42];
    const [low, high] = limits();
    const x = (error) => left + ((error - low) / (high - low)) * (right - left);
    const y = (share) => bottom - share * (bottom - top);
    const axes = { x, y, low, high, left, right, bottom };
    const tick = [1, 2, 5, 10, 20, 50].find((one) => ((high - low) / one) * 44 <= right - left);
    let inside = "";
    for (let error = Math.ceil(low / tick) * tick; error <= high; error += tick)
      inside += line(`M${x(error)} ${top}V${bottom}`, "edf-grid") + text(x(error), bottom + 16, error, "edf-mid");
    for (const share of [0, 0.2, 0.4, 0.6, 0.8, 1])
      inside += line(`M${left} ${y(share)}H${right}`, "edf-grid") + text(left - 7, y(share) + 4, share ? share.toFixed(1) : "0", "edf-end");
    inside += text((left + right) / 2, height - 6, "validation error, %", "edf-mid");
    inside += `<text class="edf-mid" transform="translate(12 ${(top + bottom) / 2}) rotate(-90)">share of networks below</text>`;
    const mine = curveOf(at);
    const few = drawn().length < 3 ? drawn() : [mine];
    for (const one of few) {
      const half = Math.sqrt(Math.log(40) / (2 * one.errors.length)); // 95%, see eq. DKW
      const around = [...corners(one, axes, half), ...corners(one, axes, -half).reverse()];
      inside += line(through(around), "edf-band", `fill="${one.color}"`);
    }
    for (const one of drawn()) inside += line(through(corners(one, axes)), "", look(one));
    inside += line(`M${left} ${y(best / 100)}H${right}`, "edf-best") + text(left + 4, y(best / 100) - 4, `best ${best}%`, "edf-small");
    data.mine.forEach((error) => {
      const below = some[0].errors.filter((one) => one < error).length / some[0].errors.length;
      inside += `<circle cx="${Math.min(x(error), right)}" cy="${y(below)}" r="5" fill="${data.accent}"/>`;
    });
    if (data.mine.length) inside += text(right, bottom - 8, "dots: yours", "edf-end edf-small");
    inside += labels(axes) + beyond(axes) + cursor(axes);
    chart.innerHTML = svg(width, height, inside);
    plot = axes;
  }

  // A name at each line: left of the leftmost, the others in the empty corner below the curves.
  function labels({ x, y, low, high, right }) {
    const where = (one, share) => {
      const error = one.errors[Math.min(one.errors.length - 1, Math.floor(share * one.errors.length))];
      return x(Math.min(high, Math.max(low, error)));
    };
    const ordered = [...drawn()].sort((a, b) => where(a, 0.5) - where(b, 0.5));
    const name = (one, from, to, share, end) =>
      line(`M${from} ${y(share)}H${to}`, "edf-lead", `stroke="${one.color}"`) +
      `<circle cx="${from}" cy="${y(share)}" r="2.5" fill="${one.color}"/>` +
      text(to + (end ? -4 : 4), y(share) + 4, one.name, end ? "edf-end" : "");
    let found = "";
    ordered.forEach((one, i) => {
      if (!i) {
        const from = where(one, 0.78);
        found += name(one, from, from - 14, 0.78, true);
        return;
      }
      const share = ordered.length < 3 ? 0.35 : 0.52 - (0.44 * (i - 1)) / Math.max(4, ordered.length - 2);
      const furthest = Math.max(...ordered.map((other) => where(other, share)));
      const room = right - 7.2 * one.name.length - 6;
      found += name(one, where(one, share), Math.max(where(one, share) + 8, Math.min(furthest + 16, room)), share);
    });
    return found;
  }

  // How many networks lie right of the axis.
  function beyond({ y, high, right }) {
    const n = drawn().flatMap((one) => one.errors.filter((error) => error > high)).length;
    return n ? text(right, y(0.86), `${n} beyond ${high}% ▸`, "edf-end edf-small") : "";
  }

  function place({ rank, error_percent: error, number }, { x, y, high, right }) {
    const middle = y((rank + 0.5) / curves[number].errors.length);
    return [error > high ? right : x(error), middle];
  }

  function cursor(axes) {
    const [cx, cy] = place(at, axes);
    const { color } = curveOf(at);
    const ring = at.error_percent > axes.high
      ? `<path d="M${cx - 4} ${cy - 7}l11 7l-11 7z" fill="${color}" class="edf-ring"/>`
      : `<circle cx="${cx}" cy="${cy}" r="${held ? 7 : 5}" fill="${color}" class="edf-ring"/>`;
    return line(`M${cx} ${cy}V${axes.bottom}`, "edf-drop") + ring;
  }

  // --- The network

  function shape() {
    if (!at.widths) {
      find(".edf-shape").innerHTML = `<p class="edf-hint">Networks of this kind have no list of widths, so no shape is drawn.</p>`;
      return;
    }
    const widths = byBlock(at);
    const nearest = at.nearest_line ? widths.map((_, j) => quantized(at.nearest_line, j)) : [];
    if ((at.nearest_line || [])[4]) nearest.reverse();
    const [width, height, left, top, bottom] = [300, 190, 40, 24, 156];
    const most = Math.max(...widths, ...nearest) * 1.05;
    const room = (width - left - 6) / widths.length;
    const y = (channels) => bottom - (channels / most) * (bottom - top);
    const tick = [8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384].find((one) => most / one <= 5) || most;
    let inside = "";
    for (let channels = 0; channels <= most; channels += tick)
      inside += line(`M${left} ${y(channels)}H${width - 6}`, "edf-grid") + text(left - 6, y(channels) + 4, channels, "edf-end");
    widths.forEach((channels, j) => {
      const box = `x="${left + j * room + room * 0.08}" y="${y(channels)}" width="${room * 0.84}"`;
      inside += `<rect ${box} height="${bottom - y(channels)}" fill="${curveOf(at).color}" class="edf-bar"/>`;
    });
    const edge = nearest.map((channels, j) => `${j ? "V" : ""}${y(channels)}H${left + (j + 1) * room}`);
    if (edge.length) inside += line(`M${left} ${edge.join("")}`, "edf-nearest");
    const every = Math.ceil(widths.length / 8);
    for (let j = 0; j < widths.length; j += every) inside += text(left + (j + 0.5) * room, bottom + 15, j, "edf-mid");
    inside += text((left + width) / 2, height - 4, "block", "edf-mid");
    inside += text(0, 12, `width${at.settings ? "" : ", channels"}${edge.length ? "; dashed: the nearest quantized line" : ""}`, "edf-small");
    find(".edf-shape").innerHTML = svg(width, height, inside);
  }

  function name({ index, how, number }) {
    return `${curves[number].name}, network ${index} of sample ${how.sample_seed}`;
  }

  function summary(one) {
    const { errors } = curveOf(one);
    const better = errors.filter((error) => error < one.error_percent).length;
    const failed = one.diverged ? "diverged, counted as " : "";
    return `${name(one)}: ${failed}error ${percent(one.error_percent)}, ${better} of ${errors.length} are better${one.depths ? `, ${counted(blocks(one), "block")}` : ""}`;
  }

  function tell() {
    const { how, nearest_line: nearest } = at;
    const [w_0, w_a, w_m, off, falls] = nearest || [];
    const count = (n) => n.toLocaleString("en-US");
    const of = at.settings ? Object.fromEntries(own(at).map(([name, value]) => [escaped(name), escaped(spoken(value))]))
      : { "group widths <i>g</i>": listed(at.group_widths), "bottleneck ratio <i>b</i>": listed(at.bottleneck_ratios) };
    const facts = {
      ...(at.settings && { "kind": escaped(at.settings.kind) }),
      ...(at.depths && { "depths": listed(at.depths) }),
      ...(at.widths && { "widths": listed(at.widths) }),
      ...of,
      ...(nearest && { "nearest line": `<i>w</i><sub>0</sub> ${w_0}, <i>w<sub>a</sub></i> ${w_a}, <i>w<sub>m</sub></i> ${w_m}${falls ? ", backwards" : ""}; missed by ${off}%` }),
      "parameters": count(at.params),
      "multiply-adds": count(at.flops),
      "activations": count(at.activations),
      "seed": at.seed,
      "trained in": `${at.seconds} s`,
      "device": escaped(how.device_told),
      ...(how.origin && { "space": escaped(how.origin.space) }),
      "commit": how.commit ? `<code>${escaped(how.commit.slice(0, 12))}</code>${how.modified ? ", modified" : ""}` : "none",
      "digest": `<code>${escaped(at.digest)}</code>`,
    };
    find("dl").innerHTML = Object.entries(facts)
      .map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`)
      .join("");
    find(".edf-name").textContent = `${summary(at)}.`;
    find(".edf-recipe").textContent = `Of the ${curveOf(at).study}. ${how.recipe_told}`;
    find("pre code").textContent = python(at);
    find(".edf-link").href = address();
    const json = find(".edf-json");
    json.href = `data:application/json;charset=utf-8,${encodeURIComponent(row(at))}`;
    json.download = `${at.id.replace(/\//g, "-")}.json`;
    const size = curveOf(at).networks.length;
    chart.setAttribute("aria-valuemax", size);
    chart.setAttribute("aria-valuenow", at.rank + 1);
    chart.setAttribute("aria-valuetext", summary(at));
    shape();
  }

  const tuple = (values) => `[${values.join(", ")}]`;

  // A value as Python writes it.
  function literal(value) {
    if (Array.isArray(value)) return tuple(value.map(literal));
    if (value !== null && typeof value === "object")
      return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`).join(", ")}}`;
    return { true: "True", false: "False", null: "None" }[JSON.stringify(value)] || JSON.stringify(value);
  }

  function python(one) {
    if (one.settings)
      return `from designspaces.spaces.own import load_space
space = load_space(${literal(one.how.origin.space)})
network = space.read(${literal(one.settings)}).build(seed=${one.seed})  # ${one.id}`;
    const sides = [one.depths, one.widths, staged(one.group_widths, one.depths)].map(tuple);
    const ratios = Array.isArray(one.bottleneck_ratios) ? tuple(one.bottleneck_ratios) : one.bottleneck_ratios;
    return `from designspaces.designs.architecture import Architecture
from designspaces.networks.anynet import AnyNet
network = AnyNet(Architecture.from_lists(${sides.join(", ")}, ${ratios}${one.how.frame}))  # ${one.id}`;
  }

  function row({ id, number, rank, how, ...network }) {
    const { frame, body, recipe_told, device_told, ...trained } = how;
    const { space, study } = curves[number];
    return `${JSON.stringify({ id, space, study, ...trained, ...network, ...body })}\n`;
  }

  // --- The best against the rest

  const AT_MOST = 8; // different values that are shown one by one
  const properties = ({ networks }) => {
    const all = (name) => networks.every((one) => one[name]);
    return [
      ...(all("depths") ? [["blocks", (one) => [blocks(one)], 10]] : []),
      ...(all("widths") ? [["first width", (one) => [one.widths[0]], 0], ["last width", (one) => one.widths.slice(-1), 0]] : []),
      ...(all("settings") ? own(networks[0]).map(([name]) => varying(name, networks)).filter(Boolean)
        : [["bottleneck ratio b", (one) => [].concat(one.bottleneck_ratios), 1], ["group width g", (one) => [].concat(one.drawn_group_widths), 1]]),
    ];
  };

  // A setting of one's own kind, if it is of numbers, or of yes and no, that are not all the same.
  function varying(name, networks) {
    const of = ({ settings }) => [].concat(settings[name]).map((value) => (typeof value === "boolean" ? Number(value) : value));
    const values = networks.flatMap(of);
    const different = new Set(values).size;
    if (different < 2 || !values.every(Number.isFinite)) return null;
    return [name, of, different <= AT_MOST ? 1 : 10, networks.every(({ settings }) => typeof settings[name] === "boolean")];
  }

  // Bins: so many equal ones, half octaves (0) or a value each (1).
  function binned(values, bins) {
    if (bins === 1) {
      const ordered = [...new Set(values)].sort((a, b) => a - b);
      return { ends: ordered, of: (value) => ordered.indexOf(value) };
    }
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = values.every(Number.isInteger) ? Math.max(1, Math.ceil((high - low + 1) / bins)) : (high - low) / (bins - 0.5);
    const of = (value) => bins ? Math.floor((value - low) / scale) : Math.floor(2 * Math.log2(value / low) + 1e-9);
    const ends = Array.from({ length: of(high) + 1 }, (_, i) => i);
    ends[0] = low;
    ends[of(high)] = of(high) || low === high ? high : `${low} to ${high}`;
    return { ends, of };
  }

  function sides() {
    const { networks } = curveOf(at);
    const n = Math.max(1, Math.round((best / 100) * networks.length));
    return [networks.slice(0, n), networks.slice(n)];
  }

  function strips() {
    const [good, rest] = sides();
    const curve = curveOf(at);
    find(".edf-strips").innerHTML = properties(curve).map(([words, of, bins, either]) => {
      const values = [good, rest].map((side) => side.flatMap(of));
      const { ends, of: bin } = binned(values.flat(), bins);
      const shares = values.map((side) => {
        const counts = ends.map(() => 0);
        side.forEach((value) => (counts[bin(value)] += 1 / side.length));
        return counts;
      });
      const [width, height] = [132, 62];
      const most = Math.max(...shares.flat());
      const room = width / ends.length;
      const bars = ends.map((_, i) =>
        shares.map((counts, side) => {
          const tall = (counts[i] / most) * (height - 4);
          const fill = side ? `class="edf-rest"` : `fill="${curve.color}"`;
          return `<rect x="${i * room + room * (side ? 0.5 : 0.1)}" y="${height - tall}" width="${room * 0.4}" height="${tall}" ${fill}/>`;
        }).join("")
      );
      const axis = line(`M0 ${height}H${width}`, "edf-axis");
      const marks = bins === 1
        ? ends.map((end, i) => text((i + 0.5) * room, height + 14, either ? spoken(Boolean(end)) : end, "edf-mid")).join("")
        : text(0, height + 14, ends[0]) + (ends.length > 1 ? text(width, height + 14, ends[ends.length - 1], "edf-end") : "");
      const share = (side) => percent((100 * side.reduce((sum, one) => sum + one, 0)) / side.length);
      const told = values.map((side) => (!side.length ? "none" : either ? share(side) : plain(median(side))));
      return `<div><p>${escaped(words)}</p>${svg(width, height + 18, bars.join("") + axis + marks)}
        <p>${told[0]}, rest ${told[1]}</p></div>`;
    }).join("");
    range.value = best;
    range.setAttribute("aria-valuetext", `${best} percent`);
    find("output").textContent = `${best}%`;
    find(".edf-share span").innerHTML = `of ${escaped(curve.name)}: ${counted(good.length, "network")}
      <i style="background:${curve.color}"></i> against the other ${rest.length} <i class="edf-gray"></i>, and their medians`;
  }

  // --- Two curves

  function pair() {
    const two = drawn();
    const told = find(".edf-pair");
    if (two.length !== 2) {
      told.hidden = curves.length < 2;
      told.innerHTML = `<p class="edf-hint">Choose two curves to see what the claims found between them.</p>`;
      return;
    }
    const names = two.map(({ key }) => key);
    const found = data.contrasts.find(({ a, b }) => names.includes(a) && names.includes(b));
    if (!found) {
      const both = two.map((one) => `${escaped(one.name)} ${median(one.errors).toFixed(2)}%`);
      const why = two[0].study === two[1].study
        ? `This pair was not among the claims of the ${two[0].study}, so no interval was recorded for their difference.`
        : "They are of two studies, whose networks were trained differently: no claim compares them.";
      told.innerHTML = `<p>Medians: ${both.join(", ")}. ${why}</p>`;
      return;
    }
    told.innerHTML = `<p><b>${escaped(found.claim)}:</b> ${escaped(found.verdict)} <small>(${found.family}, ${found.study})</small>.
      ${escaped(found.here)}.</p>${found.value === null ? "" : interval(found)}`;
  }

  function interval({ b, value, low, high, margin, of, ends }) {
    const width = Math.max(240, Math.min(460, chart.clientWidth));
    const reach = Math.max(margin, -low, high) * 1.15;
    const x = (points) => width / 2 + (points / reach) * (width / 2 - 24);
    const inside = `<rect x="${x(-margin)}" y="4" width="${x(margin) - x(-margin)}" height="26" class="edf-margin"/>
      ${line(`M${x(0)} 2V32`, "edf-axis")}${line(`M${x(low)} 17H${x(high)}`, "edf-interval")}
      <circle cx="${x(value)}" cy="17" r="4.5"/>
      ${text(x(0), 46, "0", "edf-mid")}${text(x(-margin), 46, signed(-margin), "edf-mid")}${text(x(margin), 46, signed(margin), "edf-mid")}`;
    return `${svg(width, 50, inside)}<p class="edf-hint">Difference of ${of}, in points of error; below zero ${escaped(curves.find(({ key }) => key === b).name)} is better. Line: ${ends}. Shaded: the margin within which a difference does not matter.</p>`;
  }

  // --- The address

  function address() {
    const parts = [`network=${at.id}`];
    const now = drawn().map(({ number }) => number);
    if (now.join() !== atFirst().join()) parts.push(`curves=${now.map((n) => curves[n].key).join(",")}`);
    if (best !== 25) parts.push(`best=${best}`);
    return `#${data.key}?${parts.join("&")}`;
  }

  function remember() {
    say("");
    try {
      history.replaceState(history.state, "", address());
    } catch (error) {
      // a frame without an address of its own, as on Colab, keeps no state
    }
  }

  // Another explorer's address, or a section's, is none of ours.
  function arrive() {
    say("");
    const cut = location.hash.indexOf("?");
    if (cut < 0) return;
    const key = location.hash.slice(1, cut);
    if (key !== data.key) {
      missing(key);
      return;
    }
    reset();
    const query = location.hash.slice(cut + 1);
    const known = read(new URLSearchParams(query));
    if (!known) reset();
    say(known ? "" : `The address asks for “${query}”, which is not here. This is the default.`);
    show();
    root.scrollIntoView();
  }

  // An address whose explorer is gone is answered by the page's first.
  async function missing(key) {
    const asked = location.hash;
    if (document.readyState === "loading") await new Promise((ready) => addEventListener("DOMContentLoaded", ready));
    if (root !== document.querySelector(".explorer-edf")) return;
    const all = await Promise.all([...document.querySelectorAll(".explorer")].map(({ given }) => given));
    if (location.hash !== asked || all.some((one) => one.key === key)) return;
    say(`The address asks for “${asked.slice(1)}”, whose explorer is not on this page.`);
    root.scrollIntoView();
  }

  // Takes up what an address asks for; false where it asks for something that there is not.
  function read(found) {
    if ([...found.keys()].some((key) => !["network", "curves", "best"].includes(key))) return false;
    if (found.has("best")) {
      best = Number(found.get("best"));
      if (!(best >= 5 && best <= 50 && best % 5 === 0)) return false;
    }
    if (found.has("curves")) {
      const asked = found.get("curves").split(",").map((name) => some.find(({ key }) => key === name));
      if (!asked.every(Boolean)) return false;
      shown = new Set(asked.map(({ number }) => number));
      at = middle(asked[0]);
    }
    if (found.has("network")) {
      at = some.flatMap(({ networks }) => networks).find(({ id }) => id === found.get("network"));
      if (!at) return false;
      shown.add(at.number);
      held = true;
    }
    return true;
  }

  // --- Showing and asking

  function say(words) {
    note.textContent = words;
    note.hidden = !words;
  }

  let later = 0;
  function aloud(words) {
    clearTimeout(later);
    later = setTimeout(() => (find(".edf-live").textContent = words), 300);
  }

  function show() {
    boxes.forEach((box) => (box.checked = shown.has(Number(box.value))));
    draw();
    tell();
    strips();
    pair();
  }

  function go(network, quietly) {
    const other = network.number !== at.number;
    at = network;
    draw();
    tell();
    if (other) strips();
    if (!quietly) remember();
  }

  function nearestIn(curve, error) {
    return curve.networks.reduce((a, b) => (Math.abs(b.error_percent - error) < Math.abs(a.error_percent - error) ? b : a));
  }

  chart.addEventListener("keydown", (event) => {
    const { networks } = curveOf(at);
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity }[event.key];
    const turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if ((!by && !turn) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (by) return go(networks[Math.min(networks.length - 1, Math.max(0, at.rank + by))]);
    const now = drawn();
    const next = now[(now.indexOf(curveOf(at)) + turn + now.length) % now.length];
    if (next !== curveOf(at)) go(nearestIn(next, at.error_percent));
  });

  function under(event) {
    const box = chart.firstElementChild.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let [found, least] = [at, Infinity];
    for (const one of drawn())
      for (const network of one.networks) {
        const [x, y] = place(network, plot);
        const distance = (x - px) ** 2 + (y - py) ** 2;
        if (distance < least) [found, least] = [network, distance];
      }
    return found;
  }

  chart.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && held) return;
    if (event.pointerType !== "mouse" && !event.buttons) return;
    const network = under(event);
    if (network !== at) go(network, true);
  });
  chart.addEventListener("click", (event) => {
    const network = under(event);
    held = !(held && network === at);
    go(network);
  });

  // A finger that turned out to scroll the page has chosen nothing.
  let kept = null;
  host.addEventListener("pointerdown", () => (kept = { at, best }));
  host.addEventListener("pointercancel", () => {
    const moved = best !== kept.best;
    if (!moved && at === kept.at) return;
    ({ at, best } = kept);
    show();
    aloud("");
    if (moved) remember();
  });

  boxes.forEach((box) =>
    box.addEventListener("change", () => {
      const number = Number(box.value);
      if (box.checked) shown.add(number);
      else if (shown.size > 1) shown.delete(number);
      if (!shown.has(at.number)) at = nearestIn(drawn()[0], at.error_percent);
      show();
      remember();
      aloud(`${listed(drawn().map((one) => one.name))} shown. ${find(".edf-pair").firstElementChild.textContent}`);
    })
  );
  range.addEventListener("input", () => {
    best = Number(range.value);
    draw();
    strips();
    find(".edf-link").href = address();
    remember();
    const told = [...host.querySelectorAll(".edf-strips div")].map((one) => `${one.firstElementChild.textContent}: ${one.lastElementChild.textContent}`);
    aloud(`${find(".edf-share span").textContent.replace(/\s+/g, " ")}. ${told.join("; ")}`);
  });
  find("button").addEventListener("click", async ({ currentTarget }) => {
    const code = find("pre code");
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch (error) {
      getSelection().selectAllChildren(code); // where a page may not write: from a file, in a frame
      said = "Selected: copy it now";
    }
    currentTarget.textContent = said;
    aloud(said);
    setTimeout(() => (currentTarget.textContent = "Copy as Python"), 2000);
  });
  addEventListener("hashchange", arrive);

  reset();
  root.classList.add("explorer-live");
  still.before(host);
  show();
  arrive();
  let before = chart.clientWidth;
  if (window.ResizeObserver)
    new ResizeObserver(() => {
      if (chart.clientWidth && chart.clientWidth !== before) show();
      before = chart.clientWidth;
    }).observe(chart);
})();
