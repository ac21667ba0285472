// Planes of codes: a chosen code, and the image that the decoder makes of it. With two planes the
// other one follows: it shows the example that is nearest to the chosen code.

function plane(root, data) {
  const labels = bytes(data.labels);
  const {output, say} = announcer();
  const panels = data.planes.map((part) => panel(root, data, part, labels, (nearest, text) => {
    for (const other of panels)
      if (other.part !== part) other.choose(other.codes[nearest]);
    say(text);
  }));
  const spots = legend(data.names, labels);
  root.querySelector("figcaption").before(make("div", {className: "stage"},
    make("div", {className: "panels"}, ...panels.map(({element}) => element)), spots.list, output));
  const start = middle(panels[0]);
  panels.forEach((one) => one.choose(one.codes[start]));
  redrawn(root, () => {
    spots.colour(classColours(root));
    panels.forEach((one) => one.draw());
  });
  root.living = {
    panels,
    check: () => Math.max(...panels.map(({part, decode}) => difference(decode, part.check))),
  };
}

// the example that lies nearest to the point a third of the way up and across
function middle({nearest, part: {low, high}}) {
  return nearest(low.map((from, i) => from + (high[i] - from) / 3));
}

function panel(root, data, part, labels, chosen) {
  const {low, high} = part;
  const codes = rowsOf(half(part.codes), 2);
  const decode = network(part.network);
  const canvas = hidden(make("canvas", {className: "plane"}));
  const image = make("canvas", {className: "image"});
  const note = hidden(make("p", {className: "note"}));
  const hint = hidden(make("span", {className: "hint", textContent: word("drag")}));
  image.setAttribute("role", "img");
  const self = {part, codes, decode, code: codes[0], image: null};
  const sliders = ["first", "second"].map((name, i) => slider(word(name),
    {min: low[i], max: high[i], step: (high[i] - low[i]) / 200},
    (value) => pick(self.code.map((old, k) => (k === i ? value : old)))));

  // across the plane and up, from 0 to 1
  const place = (code) => [0, 1].map((i) => (code[i] - low[i]) / (high[i] - low[i]));

  self.nearest = (code) => {
    const [u, v] = place(code);
    const distances = codes.map((other) => {
      const [a, b] = place(other);
      return (a - u) ** 2 + (b - v) ** 2;
    });
    return distances.indexOf(Math.min(...distances));
  };

  self.choose = (code) => {
    self.code = Array.from(code);
    self.image = decode(self.code);
    sliders.forEach((one, i) => one.set(self.code[i]));
    note.textContent = `${word("near")} ${data.names[labels[self.nearest(self.code)]]}`;
    image.setAttribute("aria-label", `${word("decoded")}, ${note.textContent}`);
    self.draw();
  };

  const pick = (code) => {
    root.querySelectorAll(".hint").forEach((one) => one.remove());
    self.choose(code);
    const title = data.planes.length > 1 ? `${part.title}: ` : "";
    chosen(self.nearest(code), `${title}${code.map((v) => v.toFixed(2)).join(", ")}, ${note.textContent}`);
  };
  drag(canvas, (u, v) => pick([low[0] + u * (high[0] - low[0]), high[1] - v * (high[1] - low[1])]));

  self.draw = () => {
    if (!canvas.clientWidth) return;
    const {context, width, height, ratio} = cleared(canvas);
    const at = (code) => {
      const [u, v] = place(code);
      return [u * width, (1 - v) * height];
    };
    const colours = classColours(root);
    codes.forEach((code, i) => dot(context, ...at(code), 2.2 * ratio, colours[labels[i]]));
    ring(context, ...at(self.code), 9 * ratio, tones(root));
    const [u, v] = place(self.code);
    hint.style.left = `${100 * u}%`;
    hint.style.top = `${100 * (1 - v)}%`;
    drawImages(image, [[self.image]], data.shape, tones(root));
  };

  self.element = make("div", {className: "panel"},
    ...(data.planes.length > 1 ? [hidden(make("p", {className: "title", textContent: part.title}))] : []),
    make("div", {className: "pad"}, canvas, hint),
    make("div", {className: "picture"}, image, note),
    make("div", {className: "controls"}, ...sliders.map(({row}) => row)));
  self.element.setAttribute("role", "group");
  self.element.setAttribute("aria-label", part.title);
  return self;
}

function ring(context, x, y, radius, {ink, paper}) {
  for (const [colour, width] of [[paper, 0.7], [ink, 0.3]]) {
    context.strokeStyle = `rgb(${colour})`;
    context.lineWidth = width * radius;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}
