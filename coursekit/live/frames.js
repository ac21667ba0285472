// Recorded training: points that move from frame to frame, over a field.

function frames(root, data) {
  const still = data.data ? rowsOf(half(data.data), 2) : [];
  const moving = rowsOf(half(data.points), 2 * data.count).map((frame) => rowsOf(frame, 2));
  const fields = data.field && rowsOf(bytes(data.field), data.side ** 2);
  const labels = data.labels && bytes(data.labels);
  const last = moving.length - 1;
  const canvas = make("canvas", {className: "plane still-pad"});
  canvas.setAttribute("role", "img");
  const {output, say} = announcer();
  let frame = 0;

  const draw = () => {
    if (!canvas.clientWidth) return;
    const {context, width, height, ratio} = cleared(canvas);
    const {first, second} = tones(root);
    const colours = classColours(root);
    const across = (value) => width * (value + data.limit) / (2 * data.limit);
    const up = (value) => height - height * (value + data.limit) / (2 * data.limit);
    if (fields) drawField(context, fields[frame], data.side, width, height, first, second);
    for (const [x, y] of still) dot(context, across(x), up(y), 2 * ratio, first);
    moving[frame].forEach(([x, y], i) =>
      dot(context, across(x), up(y), 2.4 * ratio, labels ? colours[labels[i]] : second));
  };
  const go = (to) => {
    frame = to;
    time.set(frame);
    canvas.setAttribute("aria-label", `${word("step")} ${data.steps[frame]}`);
    draw();
  };
  const time = slider(word("step"), {min: 0, max: last, step: 1}, (value) => {
    stop();
    go(value);
    say(`${word("step")} ${data.steps[value]}`);
  }, (value) => String(data.steps[value]));
  const {button, stop} = player(root, 60, () => {
    go(Math.min(frame + 1, last));
    return frame < last;
  });
  button.addEventListener("click", () => { if (frame === last) go(0); });

  root.querySelector("figcaption").before(make("div", {className: "stage recorded"},
    make("div", {className: "controls"}, button, time.row), canvas, output));
  go(0);
  redrawn(root, draw);
  root.living = {get frame() { return frame; }, moving};
}

// G x G values from 0 to 255: towards the first colour above one half, towards the second below.
// A small picture that the browser scales: translucent cells would show their seams.
function drawField(context, values, side, width, height, first, second) {
  const small = new OffscreenCanvas(side, side);
  const brush = small.getContext("2d");
  values.forEach((value, i) => {
    const more = value / 127.5 - 1;
    brush.globalAlpha = 0.5 * Math.abs(more);
    brush.fillStyle = more > 0 ? first : second;
    brush.fillRect(i % side, side - 1 - Math.floor(i / side), 1, 1);
  });
  context.drawImage(small, 0, 0, width, height);
}
