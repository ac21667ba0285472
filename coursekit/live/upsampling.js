// Two ways to a larger picture: stamps, and resizing before a convolution. Pictures are small
// arrays of rows.

function grid(rows, columns, value = () => 0) {
  return Array.from({length: rows}, (_, r) => Array.from({length: columns}, (_, c) => value(r, c)));
}

const sides = (picture) => [picture.length, picture[0].length];

// [height, width] of what both give
function sizes(image, kernel, stride, padding) {
  return sides(image).map((n) => stride * (n - 1) + kernel.length - 2 * padding);
}

// The transposed convolution: each cell prints the kernel, times its value; stamps lie `stride`
// apart and add up. `padding` rows and columns are cut off on each side.
function stamped(image, kernel, stride, padding = 0) {
  const sums = grid(...sizes(image, kernel, stride, 0));
  image.forEach((row, i) => row.forEach((value, j) =>
    kernel.forEach((weights, a) => weights.forEach((weight, b) => {
      sums[stride * i + a][stride * j + b] += value * weight;
    }))));
  const cut = (rows) => rows.slice(padding, rows.length - padding);
  return cut(sums).map(cut);
}

// how many stamps reach each pixel, of the cells that are 1 in `printed`
function stampCounts(printed, kernel, stride, padding) {
  return stamped(printed, kernel.map((row) => row.map(() => 1)), stride, padding);
}

// The same size and place by the other way: each cell becomes stride x stride equal pixels, which
// the kernel then slides over; edges are repeated as far as it looks beyond them.
function resized(image, kernel, stride, padding) {
  const [height, width] = sides(image);
  const before = resizedBefore(kernel, stride, padding);
  const cell = (pixel, n) => Math.min(n - 1, Math.max(0, Math.floor(pixel / stride)));
  return grid(...sizes(image, kernel, stride, padding), (r, c) => {
    let sum = 0;
    kernel.forEach((weights, a) => weights.forEach((weight, b) => {
      sum += weight * image[cell(r + a - before, height)][cell(c + b - before, width)];
    }));
    return sum;
  });
}

// how far the kernel looks beyond the first pixel
function resizedBefore(kernel, stride, padding) {
  return kernel.length - 1 - padding - Math.floor((stride - 1) / 2);
}

// What stamps make of a picture of ones, away from its border: each pixel gets every stride-th
// weight, and so one of stride x stride sums. Where these differ there is a pattern.
function flatSums(kernel, stride) {
  const sums = grid(stride, stride);
  kernel.forEach((weights, a) => weights.forEach((weight, b) => {
    sums[a % stride][b % stride] += weight;
  }));
  return sums.flat();
}

// weights that rise to the middle in a straight line, the largest 1 or just under
function tent(size) {
  const weight = (a) => 1 - Math.abs(2 * a - size + 1) / (size + 1);
  return grid(size, size, (a, b) => weight(a) * weight(b));
}
