// The denoising field: where a denoiser r moves each point of the plane, r(x) - x, and the walk
// x <- r(x) from any start to the data.

const ARROWS = 17; // along each side

function field(root, data) {
  const points = rowsOf(half(data.points), 2);
  const levels = data.levels.map(({noise, network: form, check}) =>
    ({noise, denoise: network(form), check, arrows: null}));
  const normal = normalNumbers(uniformNumbers(1));
  const noisy = points.map(() => [normal(), normal()]);
  const state = {level: data.level, start: data.start, steps: data.steps};
  const {output, say} = announcer();
  const view = fieldView(data, levels, state, (changes) => {
    stop();
    view.hint.remove();
    Object.assign(state, changes);
    say(update());
  });
  const update = () => {
    const {denoise, noise} = levels[state.level];
    state.walk = walk(denoise, state.start, data.steps);
    view.show();
    draw();
    const [from, to] = [state.walk[0], passed(state).at(-1)].map((x) => distance(x, points).toFixed(2));
    view.note.textContent = `${word("distance")}: ${from} → ${to}`;
    return `${word("noise")} ${noise}, ${word("steps")} ${state.steps}, ${view.note.textContent}`;
  };
  const draw = () => {
    if (!view.canvas.clientWidth) return;
    const level = levels[state.level];
    level.arrows ??= arrows(level.denoise, data.limit, 1.8 * data.limit / ARROWS);
    drawDenoising(view.canvas, level, {...state, limit: data.limit, points, noisy}, tones(root));
  };
  const {button, stop} = player(root, 120, () => {
    state.steps = Math.min(state.steps + 1, data.steps);
    update();
    return state.steps < data.steps;
  });
  button.addEventListener("click", () => { if (state.steps === data.steps) state.steps = 0; });
  view.controls.prepend(button);
  view.stage.append(output);
  root.querySelector("figcaption").before(view.stage);
  update();
  redrawn(root, draw);
  root.living = {state, levels,
    check: () => Math.max(...levels.map(({denoise, check}) => difference(denoise, check)))};
}

// [x, r(x), r(r(x)), ...]: a start and `steps` steps, fewer where one leads beyond all numbers
function walk(denoise, start, steps) {
  const path = [Array.from(start)];
  while (path.length <= steps) {
    const next = Array.from(denoise(path.at(-1)));
    if (!next.every(Number.isFinite)) break;
    path.push(next);
  }
  return path;
}

// the part of the walk that the reader has asked for
function passed({walk: path, steps}) {
  return path.slice(0, steps + 1);
}

// from a point to the nearest of others
function distance([x, y], others) {
  return Math.sqrt(Math.min(...others.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2)));
}

// [x, y, dx, dy] for a square of points: r(x) - x, cut to `longest`
function arrows(denoise, limit, longest) {
  return Array.from({length: ARROWS ** 2}, (_, i) => {
    const [x, y] = [i % ARROWS, Math.floor(i / ARROWS)].map((k) => limit * ((2 * k + 1) / ARROWS - 1));
    const [dx, dy] = denoise([x, y]).map((value, k) => value - [x, y][k]);
    const scale = Math.min(1, longest / Math.hypot(dx, dy));
    return [x, y, scale * dx || 0, scale * dy || 0];
  });
}

// the elements: {stage, canvas, controls, hint, note, show()}
function fieldView(data, levels, state, changed) {
  const {limit} = data;
  const noise = slider(word("noise"), {min: 0, max: levels.length - 1, step: 1},
    (level) => changed({level}), (level) => String(levels[level].noise));
  const steps = slider(word("steps"), {min: 0, max: data.steps, step: 1},
    (count) => changed({steps: count}), String);
  const starts = ["across", "up"].map((name, i) => slider(word(name),
    {min: -limit, max: limit, step: limit / 50},
    (value) => changed({start: state.start.map((old, k) => (k === i ? value : old)), steps: data.steps})));
  const canvas = hidden(make("canvas", {className: "plane"}));
  const hint = hidden(make("span", {className: "hint", textContent: word("drag")}));
  drag(canvas, (u, v) => {
    changed({start: [limit * (2 * u - 1), limit * (1 - 2 * v)], steps: data.steps});
  });
  const show = () => {
    const [x, y] = state.start;
    noise.set(state.level);
    steps.set(state.steps);
    starts.forEach((one, i) => one.set(state.start[i]));
    hint.style.left = `${50 * (1 + x / limit)}%`;
    hint.style.top = `${50 * (1 - y / limit)}%`;
  };
  const note = hidden(make("p", {className: "note"}));
  const spots = ["data", "trained", "walk"].map((name) =>
    make("li", {}, hidden(make("i", {className: name})), word(name)));
  const controls = make("div", {className: "controls"},
    ...[noise, steps, ...starts].map(({row}) => row), note, make("ul", {className: "legend"}, ...spots));
  const stage = make("div", {className: "stage denoising"},
    make("div", {className: "pad"}, canvas, hint), controls);
  return {stage, canvas, controls, hint, note, show};
}

function drawDenoising(canvas, {noise, arrows: field}, state, {ink, first, second}) {
  const {context, width, ratio} = cleared(canvas);
  const {limit, points, noisy} = state;
  const at = ([x, y]) => [width * (x / limit + 1) / 2, width * (1 - y / limit) / 2];
  context.globalAlpha = 0.4;
  points.forEach(([x, y], i) =>
    dot(context, ...at([x + noise * noisy[i][0], y + noise * noisy[i][1]]), 1.3 * ratio, first));
  context.globalAlpha = 1;
  context.strokeStyle = context.fillStyle = `rgb(${ink})`;
  context.lineWidth = ratio;
  for (const [x, y, dx, dy] of field)
    drawArrow(context, at([x, y]), at([x + dx, y + dy]), 3 * ratio);
  for (const point of points) dot(context, ...at(point), 1.8 * ratio, first);
  context.strokeStyle = second;
  context.lineWidth = 2 * ratio;
  context.beginPath();
  for (const point of passed(state)) context.lineTo(...at(point));
  context.stroke();
  passed(state).forEach((point, i) => dot(context, ...at(point), (i ? 3 : 6) * ratio, second));
}

function drawArrow(context, [x, y], [toX, toY], size) {
  const angle = Math.atan2(toY - y, toX - x);
  const head = Math.min(size, Math.hypot(toX - x, toY - y));
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  for (const side of [-0.5, 0.5]) {
    context.moveTo(toX, toY);
    context.lineTo(toX - head * Math.cos(angle + side), toY - head * Math.sin(angle + side));
  }
  context.stroke();
}
