// Small pictures as grids of coloured cells with numbers in them, and a pointer that chooses one.

const LEAST_DIGITS = 8; // pixels; numbers that would be smaller are left out

// Each cell in the colour of its value: the first tone above 0, the second below, full at `most`.
// `numbers` are written into them. `cut` cells on each side are pale, and the rest is framed;
// `ring` [row, column, height, width] marks a part. A cell that is undefined stays empty.
function drawCells(canvas, values, numbers, {tones: colours, most = largest(values), cut = 0, ring}) {
  const [rows, columns] = [values.length, values[0].length];
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  if (!canvas.clientWidth) return;
  const {context, width, ratio} = cleared(canvas);
  const side = width / columns;
  context.textAlign = "center";
  context.textBaseline = "middle";
  values.forEach((row, r) => row.forEach((value, c) => {
    if (value === undefined) return;
    const outside = Math.min(r, c, rows - 1 - r, columns - 1 - c) < cut;
    const share = 0.85 * Math.min(1, Math.abs(value) / most) * (outside ? 0.25 : 1);
    const colour = mixed(colours.paper, rgb(value < 0 ? colours.second : colours.first), share);
    context.fillStyle = `rgb(${colour})`;
    context.fillRect(c * side, r * side, side - ratio, side - ratio);
    if (!outside) label(context, numbers[r][c], c + 0.5, r + 0.46, side, ratio, readable(colour, colours));
  }));
  if (cut) frame(context, [cut, cut, rows - 2 * cut, columns - 2 * cut], side, ratio, colours, [4, 3]);
  if (ring) frame(context, ring, side, ratio, colours);
}

function largest(values) {
  return Math.max(...values.flat().map((value) => Math.abs(value ?? 0))) || 1;
}

// a number in the middle of a cell, where it can be read; a zero goes without
function label(context, number, x, y, side, ratio, colour) {
  const text = number ? shown(number) : "";
  const height = Math.min(13 * ratio, 0.6 * side, 1.5 * side / text.length);
  if (height < LEAST_DIGITS * ratio) return;
  context.font = `${height}px system-ui, sans-serif`;
  context.fillStyle = `rgb(${colour})`;
  context.fillText(text, x * side, y * side + 0.05 * side);
}

// a number with at most two decimals, and a true minus sign
function shown(number) {
  return String(+number.toFixed(2)).replace("-", "−");
}

function frame(context, [row, column, height, width], side, ratio, {ink, paper}, dashes = []) {
  for (const [colour, thick] of [[paper, 5], [ink, 2]]) {
    context.strokeStyle = `rgb(${colour})`;
    context.lineWidth = thick * ratio;
    context.setLineDash(dashes.map((dash) => dash * ratio));
    const inside = dashes.length ? -ratio : 2 * ratio;
    context.strokeRect(column * side + inside, row * side + inside,
      width * side - 2 * inside - ratio, height * side - 2 * inside - ratio);
  }
  context.setLineDash([]);
}

// "#2b6cb8" as [43, 108, 184]
function rgb(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

function mixed(from, to, share) {
  return from.map((value, k) => Math.round(value + share * (to[k] - value)));
}

// of ink and paper, the one that can be read on this colour
function readable([red, green, blue], {ink, paper}) {
  const [dark, light] = ink[0] < paper[0] ? [ink, paper] : [paper, ink];
  return 0.3 * red + 0.6 * green + 0.1 * blue > 105 ? dark : light;
}

// A pointer chooses the cell below it; pressed on the cell that is chosen already, it turns it.
function pickCells(canvas, [rows, columns], chosen, choose, turn) {
  let before;
  canvas.addEventListener("pointerdown", () => { before = chosen(); });
  canvas.addEventListener("click", () => { if (chosen() === before) turn(); });
  drag(canvas, (u, v) => {
    const [row, column] = [[v, rows], [u, columns]].map(([part, n]) => Math.min(n - 1, Math.floor(part * n)));
    if (row * columns + column !== chosen()) choose(row * columns + column);
  });
}
