// Drawing: colours for light and dark pages, points, curves, images.

// Paul Tol's "muted" colours, which stay apart for colour-blind readers, and the same made lighter
const CLASSES = {
  light: ["#332288", "#88CCEE", "#44AA99", "#117733", "#999933",
    "#DDCC77", "#CC6677", "#882255", "#AA4499", "#777777"],
  dark: ["#8F82E0", "#88CCEE", "#44AA99", "#3FA866", "#B5B547",
    "#DDCC77", "#E07F8F", "#C9558F", "#CC77BB", "#AAAAAA"],
};
const TONES = {
  light: {ink: [17, 17, 17], paper: [255, 255, 255], first: "#2b6cb8", second: "#c2590a"},
  dark: {ink: [236, 236, 236], paper: [24, 27, 32], first: "#6aa9ee", second: "#f0a04b"},
};

// "light" or "dark", told by the colour of the text, which every theme sets
function theme(root) {
  const [red, green, blue] = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
  return red + green + blue > 3 * 128 ? "dark" : "light";
}

function tones(root) {
  return TONES[theme(root)];
}

function classColours(root) {
  return CLASSES[theme(root)];
}

// the canvas with one pixel for each of the screen's, empty: {context, width, height, ratio}
function cleared(canvas) {
  const ratio = devicePixelRatio || 1;
  const width = (canvas.width = Math.round(canvas.clientWidth * ratio));
  const height = (canvas.height = Math.round(canvas.clientHeight * ratio));
  return {context: canvas.getContext("2d"), width, height, ratio};
}

function dot(context, x, y, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

// Images (channels, height, width) in a row, rows below each other, `gap` pixels apart. Grey ones
// are ink on paper, so that they join a dark page; colours stay what they are.
function drawImages(canvas, rows, [channels, height, width], {ink, paper}, gap = 0) {
  const across = Math.max(...rows.map((row) => row.length));
  canvas.width = across * (width + gap) - gap;
  canvas.height = rows.length * (height + gap) - gap;
  const context = canvas.getContext("2d");
  rows.forEach((row, r) => row.forEach((values, c) => {
    const picture = context.createImageData(width, height);
    const pixels = height * width;
    for (let i = 0; i < pixels; i++) {
      for (let k = 0; k < 3; k++) {
        const value = Math.min(1, Math.max(0, values[channels === 3 ? k * pixels + i : i]));
        picture.data[4 * i + k] = channels === 3 ? 255 * value : paper[k] + value * (ink[k] - paper[k]);
      }
      picture.data[4 * i + 3] = 255;
    }
    context.putImageData(picture, c * (width + gap), r * (height + gap));
  }));
}

// a coloured spot and a name for each class that occurs: {list, colour(colours)}
function legend(names, labels) {
  const spots = names.map(() => hidden(make("i")));
  const items = names.map((name, k) => labels.includes(k) && make("li", {}, spots[k], name));
  const colour = (colours) => spots.forEach((spot, k) => { spot.style.background = colours[k]; });
  return {list: make("ul", {className: "legend"}, ...items.filter(Boolean)), colour};
}
