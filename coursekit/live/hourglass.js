// An autoencoder that trains in the page. A narrow code must learn what the images have in common;
// a wide one may copy, also what it has never seen.

const HISTORY = 400; // points of the curves: older ones are thinned out

function hourglass(root, data) {
  const pixels = data.shape[1] * data.shape[2];
  const [images, others] = [data.images, data.others].map((text) =>
    rowsOf(Float32Array.from(bytes(text), (value) => value / 255), pixels));
  const labels = bytes(data.labels);
  const wide = 2 * pixels;
  const view = hourglassView(data, labels, wide);
  const {output, say} = announcer();
  let run;

  const restart = () => {
    run = trainingRun(data.training, pixels, view.sizes.chosen(), images, others);
    root.living.run = run;
    draw();
  };
  const draw = () => {
    if (!root.clientWidth) return;
    drawCodes(view.codes, run, images, labels, root, data.names);
    const table = (rows) => [rows, rows.map((image) => run.reconstruct(image))];
    drawImages(view.seen, table(images.slice(0, data.shown[0])), data.shape, tones(root), 1);
    drawImages(view.others, table(others.slice(0, data.shown[1])), data.shape, tones(root), 1);
    drawCurves(view.curves, run.history, tones(root));
    const {step, seen, unseen} = run.history.at(-1);
    const [first, second] = [`${word("seen")}: ${seen.toFixed(1)}`, `${word("others")}: ${unseen.toFixed(1)}`];
    view.titles.forEach((title, i) => { title.textContent = [first, second][i]; });
    view.note.textContent = `${word("step")} ${step}, ${word("error")}`;
    return `${view.note.textContent}, ${first}, ${second}`;
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const {button, stop} = player(root, 0, () => {
    const started = performance.now();
    do run.step(); while (performance.now() - started < (calm.matches ? 200 : 12));
    run.measure();
    draw();
  });
  button.addEventListener("click", () => say(draw()));
  const again = make("button", {type: "button", textContent: word("again")});
  again.addEventListener("click", () => { restart(); say(draw()); });
  view.buttons.append(button, again);
  view.sizes.fieldset.addEventListener("change", () => { restart(); say(draw()); });
  root.querySelector("figcaption").before(view.stage);
  view.stage.append(output);
  root.living = {stop};
  restart();
  redrawn(root, () => { view.spots.colour(classColours(root)); draw(); });
}

// the elements: controls, the plane of codes, images with reconstructions, curves
function hourglassView(data, labels, wide) {
  const sizes = choices(word("size"), [1, 2, 3, wide], 2);
  const canvas = (name, label) => {
    const element = make("canvas", {className: name});
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", label);
    return element;
  };
  const titles = ["first", "second"].map((name) => hidden(make("p", {className: `title ${name}`})));
  const codes = canvas("plane still-pad", word("codes"));
  const seen = canvas("image", `${word("seen")}: ${word("originals")}`);
  const unseen = canvas("image", `${word("others")}: ${word("originals")}`);
  const curves = canvas("curves", word("error"));
  const buttons = make("div", {className: "buttons"});
  const spots = legend(data.names, labels);
  const note = hidden(make("p", {className: "note"}));
  const tables = make("div", {className: "tables"}, make("div", {}, titles[0], seen),
    make("div", {}, titles[1], unseen));
  tables.style.gridTemplateColumns = data.shown.map((n) => `minmax(0, ${n}fr)`).join(" ");
  const stage = make("div", {className: "stage hourglass"},
    make("div", {className: "controls"}, buttons, sizes.fieldset),
    make("div", {className: "halves"}, make("div", {}, codes, spots.list),
      make("div", {}, tables, curves, note)));
  return {stage, buttons, sizes, codes, seen, others: unseen, curves, titles, note, spots};
}

// a network with a code of `size` numbers, its steps and the history of its errors
function trainingRun({width, batch, rate, seed}, pixels, size, images, others) {
  const uniform = uniformNumbers(seed);
  const normal = normalNumbers(uniform);
  const mlp = size > pixels
    ? new Mlp([pixels, size, pixels], ["leaky", "sigmoid"], normal)
    : new Mlp([pixels, width, size, width, pixels], ["leaky", "identity", "leaky", "sigmoid"], normal);
  const error = (rows) => rows.reduce((sum, image) =>
    sum + LOSSES.squaredError(mlp.forward(image), image)[0], 0) / rows.length;
  const few = images.slice(0, 64);
  const fewOthers = others.slice(0, 64);
  const self = {mlp, size, history: []};
  self.reconstruct = (image) => mlp.forward(image);
  self.code = (image) => {
    mlp.forward(image);
    return mlp.values[mlp.layers.length / 2];
  };
  self.step = () => {
    const rows = Array.from({length: batch}, () => images[Math.floor(uniform() * images.length)]);
    trainStep(mlp, rows.map((image) => [image, image]), LOSSES.squaredError, rate);
  };
  self.measure = () => {
    self.history.push({step: mlp.steps, seen: error(few), unseen: error(fewOthers)});
    if (self.history.length > HISTORY)
      self.history = self.history.filter((_, i) => i % 2 === 0 || i === self.history.length - 1);
  };
  self.measure();
  return self;
}

// One number: a row for each class. Two: a plane. Three: seen from above the third axis.
function drawCodes(canvas, run, images, labels, root, names) {
  if (!canvas.clientWidth) return;
  const {context, width, height, ratio} = cleared(canvas);
  const {ink} = tones(root);
  context.fillStyle = `rgb(${ink})`;
  context.font = `${13 * ratio}px system-ui, sans-serif`;
  if (run.size > 3) {
    context.textAlign = "center";
    context.fillText(`${run.size}: ${word("noPlane")}`, width / 2, height / 2);
    return;
  }
  const points = images.map((image, i) => {
    const [x, y = -labels[i], depth = 0] = run.code(image);
    return [x + 0.45 * depth, y + 0.3 * depth];
  });
  const [across, up] = [0, 1].map((k) => {
    const values = points.map((point) => point[k]);
    const low = Math.min(...values);
    const span = Math.max(...values) - low || 1;
    return (value) => 0.06 + 0.88 * (value - low) / span;
  });
  const colours = classColours(root);
  points.forEach(([x, y], i) =>
    dot(context, across(x) * width, (1 - up(y)) * height, 3 * ratio, colours[labels[i]]));
}

function drawCurves(canvas, history, {ink, first, second}) {
  if (!canvas.clientWidth) return;
  const {context, width, height, ratio} = cleared(canvas);
  const most = Math.max(...history.map(({seen, unseen}) => Math.max(seen, unseen)));
  const left = 26 * ratio;
  const at = (step, value) => [left + (width - left) * step / Math.max(history.at(-1).step, 1),
    (height - 6 * ratio) * (1 - value / most) + 3 * ratio];
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  context.fillStyle = context.strokeStyle = `rgb(${ink})`;
  context.textAlign = "right";
  context.fillText(most.toFixed(0), left - 5 * ratio, 12 * ratio);
  context.fillText("0", left - 5 * ratio, height - 3 * ratio);
  context.strokeRect(left, 0, 0, height);
  for (const [key, colour, dashes] of [["seen", first, []], ["unseen", second, [5 * ratio, 3 * ratio]]]) {
    context.strokeStyle = colour;
    context.lineWidth = 2 * ratio;
    context.setLineDash(dashes);
    context.beginPath();
    history.forEach((point) => context.lineTo(...at(point.step, point[key])));
    context.stroke();
  }
}
