// The forward pass of a small network; network.py writes its layers. Values are one flat array,
// (channels, height, width) in this order; `from` and `to` are the shapes around a layer.

function network({layers, weights, bits}) {
  const numbers = bits === 16 ? half(weights) : single(weights);
  let used = 0;
  const take = (count) => numbers.subarray(used, (used += count));
  const steps = layers.map((layer) => LAYERS[layer.kind](layer, take));
  if (used !== numbers.length) throw Error(`${numbers.length} weights, of which ${used} are used`);
  return (x) => steps.reduce((values, step) => step(values), Float32Array.from(x));
}

// The largest difference of `run` from what torch has given for some points of the plane, of which
// every so many values are compared.
function difference(run, {inputs, outputs, every}) {
  const wanted = single(outputs);
  const points = rowsOf(single(inputs), 2);
  const got = points.flatMap((point) => [...run(point)].filter((_, i) => i % every === 0));
  if (got.length !== wanted.length) throw Error(`${got.length} values, not ${wanted.length}`);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
}

// Calls visit(position in the image, position in the kernel) for each pixel of an image of
// (height, width) that the kernel covers when it stands at (row, column).
function overWindow({kernel, stride, padding, dilation}, [height, width], row, column, visit) {
  for (let i = 0; i < kernel[0]; i++) {
    const r = row * stride[0] - padding[0] + i * dilation[0];
    if (r < 0 || r >= height) continue;
    for (let j = 0; j < kernel[1]; j++) {
      const c = column * stride[1] - padding[1] + j * dilation[1];
      if (c >= 0 && c < width) visit(r * width + c, i * kernel[1] + j);
    }
  }
}

// y[channel, row, column] = result(values under the window): the pooling layers
function pooling(layer, start, gather, finish) {
  const [channels, rows, columns] = layer.to;
  const [, ...size] = layer.from;
  const pixels = size[0] * size[1];
  return (x) => {
    const y = new Float32Array(channels * rows * columns);
    let at = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          let value = start;
          overWindow(layer, size, row, column, (pixel) => {
            value = gather(value, x[channel * pixels + pixel]);
          });
          y[at++] = finish(value);
        }
    return y;
  };
}

const LAYERS = {
  linear({from: [inputs], to: [outputs]}, take) {
    const weight = take(inputs * outputs);
    const bias = take(outputs);
    return (x) => bias.map((sum, output) => {
      for (let i = 0; i < inputs; i++) sum += weight[output * inputs + i] * x[i];
      return sum;
    });
  },

  // every output pixel is the sum of what its window sees, times the kernel
  convolution(layer, take) {
    const [inputs, ...size] = layer.from;
    const [outputs, rows, columns] = layer.to;
    const pixels = size[0] * size[1];
    const area = layer.kernel[0] * layer.kernel[1];
    const weight = take(outputs * inputs * area);
    const bias = take(outputs);
    return (x) => {
      const y = new Float32Array(outputs * rows * columns);
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const sums = Float64Array.from(bias);
          overWindow(layer, size, row, column, (pixel, place) => {
            for (let input = 0; input < inputs; input++) {
              const value = x[input * pixels + pixel];
              if (value === 0) continue;
              for (let output = 0; output < outputs; output++)
                sums[output] += value * weight[(output * inputs + input) * area + place];
            }
          });
          sums.forEach((sum, output) => { y[(output * rows + row) * columns + column] = sum; });
        }
      return y;
    };
  },

  // every input pixel stamps the kernel on the output, and stamps that overlap add up
  transposed(layer, take) {
    const [inputs, rows, columns] = layer.from;
    const [outputs, ...size] = layer.to;
    const pixels = size[0] * size[1];
    const area = layer.kernel[0] * layer.kernel[1];
    const weight = take(inputs * outputs * area);
    const bias = take(outputs);
    return (x) => {
      const y = new Float32Array(outputs * pixels);
      bias.forEach((value, output) => y.fill(value, output * pixels, (output + 1) * pixels));
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          overWindow(layer, size, row, column, (pixel, place) => {
            for (let input = 0; input < inputs; input++) {
              const value = x[(input * rows + row) * columns + column];
              if (value === 0) continue;
              for (let output = 0; output < outputs; output++)
                y[output * pixels + pixel] += value * weight[(input * outputs + output) * area + place];
            }
          });
      return y;
    };
  },

  maximum: (layer) => pooling(layer, -Infinity, Math.max, (value) => value),
  mean: (layer) => pooling(layer, 0, (sum, value) => sum + value,
    (sum) => sum / (layer.kernel[0] * layer.kernel[1])),

  nearest({from: [channels, height, width], to: [, rows, columns]}) {
    return (x) => Float32Array.from({length: channels * rows * columns}, (_, at) => {
      const channel = Math.floor(at / (rows * columns));
      const row = Math.floor((Math.floor(at / columns) % rows) * height / rows);
      const column = Math.floor((at % columns) * width / columns);
      return x[(channel * height + row) * width + column];
    });
  },

  relu: () => (x) => x.map((value) => Math.max(value, 0)),
  leaky: ({slope}) => (x) => x.map((value) => (value > 0 ? value : slope * value)),
  sigmoid: () => (x) => x.map(sigmoid),
  tanh: () => (x) => x.map(Math.tanh),
  softmax: () => (x) => {
    const most = Math.max(...x);
    const powers = x.map((value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  },
};

function sigmoid(value) {
  return 1 / (1 + Math.exp(-value));
}
