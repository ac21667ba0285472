// Transposed convolution by stamps: cells print a kernel, and where stamps overlap they add up.
// Beside it the same kernel after resizing, which gives every pixel all of its weights.

const MOST_SIZE = 5, MOST_STRIDE = 3, MOST_PADDING = 2;

function stamps(root, data) {
  const [height, width] = sides(data.image);
  const state = {...data.start, image: data.image, kernel: "ones", chosen: width + 1};
  const all = state.printed = height * width;
  const {output, say} = announcer();
  const changed = (changes) => {
    stop();
    Object.assign(state, {printed: all}, changes);
    say(draw());
  };
  const controls = stampControls(data, state, changed);
  const pictures = stampPictures(state, changed);
  const draw = () => {
    const result = upsampled(state, data.kernels);
    state.padding = result.padding;
    controls.show(result);
    return pictures.show(result, tones(root));
  };
  const {button, stop} = player(root, 250, () => {
    state.chosen = state.printed++;
    draw();
    return state.printed < all;
  });
  button.addEventListener("click", () => { if (state.printed === all) state.printed = 0; });
  const again = make("button", {type: "button", textContent: word("allOnes")});
  again.addEventListener("click", () => changed({image: grid(height, width, () => 1)}));
  controls.element.append(make("div", {className: "buttons"}, button, again));
  root.querySelector("figcaption").before(
    make("div", {className: "stage upsampling"}, controls.element, ...pictures.elements, output));
  redrawn(root, draw);
  root.living = {state, check: () => furthest(data.check)};
}

// the kernel that is meant, and everything that follows from it
function upsampled({image, kernel: name, size, stride, padding, printed}, kernels) {
  const kernel = kernels[name] ?? (name === "tent" ? tent(size) : grid(size, size, () => 1));
  const uncut = Math.min(...sizes(image, kernel, stride, 0));
  const most = Math.min(MOST_PADDING, Math.floor((uncut - 1) / 2));
  const cut = Math.min(padding, most);
  const done = image.map((row, i) => row.map((_, j) => +(i * row.length + j < printed)));
  const soFar = image.map((row, i) => row.map((value, j) => done[i][j] * value));
  return {
    kernel, most, padding: cut,
    size: sizes(image, kernel, stride, cut),
    stamped: stamped(soFar, kernel, stride), // with what padding cuts off
    brightest: largest(stamped(image, kernel, stride)),
    counts: stampCounts(done, kernel, stride),
    resized: resized(image, kernel, stride, cut),
    flat: flatSums(kernel, stride),
  };
}

// the largest difference from what torch has given for some pictures and kernels
function furthest(cases) {
  return Math.max(...cases.flatMap(({image, kernel, stride, padding, ...wanted}) =>
    Object.entries({stamped, resized}).map(([name, way]) => {
      const got = way(image, kernel, stride, padding).flat();
      const values = single(wanted[name]);
      if (got.length !== values.length) throw Error(`${got.length} values, not ${values.length}`);
      return Math.max(...got.map((value, i) => Math.abs(value - values[i])));
    })));
}

// sliders for kernel and cells: {element, show(result)}
function stampControls(data, state, changed) {
  const [height, width] = sides(data.image);
  const whole = (name, min, max, label = name) =>
    slider(word(label), {min, max, step: 1}, (value) => changed({[name]: value}), String);
  const size = whole("size", 1, MOST_SIZE, "kernelSize");
  const stride = whole("stride", 1, MOST_STRIDE);
  const padding = whole("padding", 0, MOST_PADDING);
  const kernels = choices(word("kernel"), ["ones", "tent", ...Object.keys(data.kernels)], "ones",
    (name) => (name in data.kernels ? name : word(name)));
  kernels.fieldset.addEventListener("change", () => changed({kernel: kernels.chosen()}));
  const cell = slider(word("cell"), {min: 0, max: height * width - 1, step: 1},
    (chosen) => changed({chosen}), (at) => `${Math.floor(at / width) + 1}, ${at % width + 1}`);
  const value = slider(word("value"), {min: 0, max: 1, step: 0.25},
    (number) => changed({image: written(state, () => number)}), shown);
  const show = (result) => {
    size.input.disabled = state.kernel in data.kernels;
    size.set(result.kernel.length);
    stride.set(state.stride);
    padding.input.max = result.most;
    padding.set(state.padding);
    cell.set(state.chosen);
    value.set(state.image.flat()[state.chosen]);
  };
  const rows = [size, stride, padding].map(({row}) => row);
  return {element: make("div", {}, ...rows, kernels.fieldset, cell.row, value.row), show};
}

// the picture with another value in the chosen cell
function written({image, chosen}, value) {
  const columns = image[0].length;
  return image.map((row, r) => row.map((old, c) => (r * columns + c === chosen ? value(old) : old)));
}

// four pictures: {elements, show(result, tones)}, which also says what they show
function stampPictures(state, changed) {
  const input = hidden(make("canvas", {className: "plane"}));
  pickCells(input, sides(state.image), () => state.chosen, (chosen) => changed({chosen}),
    () => changed({image: written(state, (old) => (old ? 0 : 1))}));
  const [kernel, sums, other] = ["kernel", "sums", "other"].map((className) => {
    const canvas = make("canvas", {className});
    canvas.setAttribute("role", "img");
    return canvas;
  });
  const notes = [0, 1, 2, 3].map(() => hidden(make("p", {className: "note"})));
  const elements = [["input", input], ["kernel", kernel], ["byStamps", sums], ["byResizing", other]]
    .map(([name, canvas], i) => make("div", {},
      hidden(make("p", {className: "title", textContent: word(name)})), canvas, notes[i]));
  const show = (result, colours) => {
    const [side, left, right] = stampTexts(state, result);
    [word("tap"), side, `${left}\n${word("onPixel")}`, `${right}\n${word("inPixel")}`]
      .forEach((text, i) => { notes[i].textContent = text; });
    const label = (canvas, text) => canvas.setAttribute("aria-label", text);
    label(kernel, `${word("kernel")} ${result.kernel.map((row) => row.map(shown).join(" ")).join("; ")}`);
    label(sums, `${word("byStamps")}: ${left}`);
    label(other, `${word("byResizing")}: ${right}`);
    drawStamps([input, kernel, sums, other], state, result, colours);
    return `${side}. ${word("byStamps")}: ${left}. ${word("byResizing")}: ${right}`;
  };
  return {elements, show};
}

// how large the result is, and what each way makes of a flat picture
function stampTexts({image, stride}, {kernel, padding, size, flat}) {
  const lengths = sides(image).map((n, i) =>
    `${stride}·(${n}−1) + ${kernel.length} − 2·${padding} = ${size[i]}`);
  const [low, high] = [Math.min(...flat), Math.max(...flat)];
  const uneven = high - low > 1e-6 * largest([flat]);
  const sum = flat.reduce((a, b) => a + b);
  const text = (range, name) => `${word("flat")} ${range}: ${word(name)}`;
  return [[word("side"), ...new Set(lengths)].join("\n"),
    text(uneven ? `${shown(low)} ${word("to")} ${shown(high)}` : shown(low), uneven ? "pattern" : "noPattern"),
    text(shown(sum), "noPattern")];
}

function drawStamps([input, kernel, sums, other], {image, chosen, stride}, result, colours) {
  const {padding, kernel: weights} = result;
  const [row, column] = [Math.floor(chosen / image[0].length), chosen % image[0].length];
  const k = weights.length;
  drawCells(input, image, image, {tones: colours, most: 1, ring: [row, column, 1, 1]});
  drawCells(kernel, weights, weights, {tones: colours});
  drawCells(sums, result.stamped, result.counts, {tones: colours, most: result.brightest,
    cut: padding, ring: [stride * row, stride * column, k, k]});
  const [height, width] = sides(result.stamped);
  const placed = grid(height, width, (r, c) => result.resized[r - padding]?.[c - padding]);
  drawCells(other, placed, grid(height, width, () => k * k), {tones: colours,
    cut: padding, ring: reach(row, column, image, weights, stride, padding)});
}

// Where a cell acts after resizing, as [row, column, height, width]. Cells of the edge are repeated
// beyond it, so they act to the end.
function reach(row, column, image, kernel, stride, padding) {
  const before = resizedBefore(kernel, stride, padding);
  const [height, width] = sizes(image, kernel, stride, padding);
  const [n, m] = sides(image);
  const [[top, bottom], [left, right]] = [[row, n, height], [column, m, width]].map(([at, last, end]) => {
    const first = at ? stride * at + before - kernel.length + 1 : 0;
    const past = at < last - 1 ? stride * (at + 1) + before : end;
    return [Math.max(0, first) + padding, Math.min(end, past) + padding];
  });
  return [top, left, bottom - top, right - left];
}
