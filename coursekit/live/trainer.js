// A multilayer perceptron that learns: backpropagation, Adam, two losses, random numbers.

// Each activation with its derivative, as a function of the value that came out.
const ACTIVATIONS = {
  identity: {of: (v) => v, slope: () => 1},
  relu: {of: (v) => Math.max(v, 0), slope: (y) => (y > 0 ? 1 : 0)},
  leaky: {of: (v) => (v > 0 ? v : 0.1 * v), slope: (y) => (y > 0 ? 1 : 0.1)},
  tanh: {of: Math.tanh, slope: (y) => 1 - y * y},
  sigmoid: {of: (v) => 1 / (1 + Math.exp(-v)), slope: (y) => y * (1 - y)},
};

class Mlp {
  // sizes [inputs, ..., outputs], the name of an activation for each layer, normal numbers
  constructor(sizes, activations, normal) {
    this.layers = sizes.slice(1).map((outputs, l) => {
      const inputs = sizes[l];
      const bent = ["relu", "leaky"].includes(activations[l]);
      const deviation = Math.sqrt((bent ? 2 : 1) / inputs);
      const weight = Float32Array.from({length: outputs * inputs}, () => deviation * normal());
      const bias = new Float32Array(outputs);
      return {inputs, outputs, activation: ACTIVATIONS[activations[l]],
        weight: moments(weight), bias: moments(bias)};
    });
    this.steps = 0;
  }

  // the output for one example; what each layer gave is kept for `backward`
  forward(x) {
    this.values = [x];
    for (const {inputs, outputs, activation, weight, bias} of this.layers) {
      const input = this.values.at(-1);
      const output = new Float32Array(outputs);
      for (let o = 0; o < outputs; o++) {
        let sum = bias.value[o];
        for (let i = 0; i < inputs; i++) sum += weight.value[o * inputs + i] * input[i];
        output[o] = activation.of(sum);
      }
      this.values.push(output);
    }
    return this.values.at(-1);
  }

  // adds dL/dweights to the gradients, given dL/doutput of the last `forward`; returns dL/dx
  backward(gradient) {
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const {inputs, outputs, activation, weight, bias} = this.layers[l];
      const input = this.values[l];
      const output = this.values[l + 1];
      const below = new Float32Array(inputs);
      for (let o = 0; o < outputs; o++) {
        const slope = gradient[o] * activation.slope(output[o]);
        if (slope === 0) continue;
        bias.gradient[o] += slope;
        for (let i = 0; i < inputs; i++) {
          weight.gradient[o * inputs + i] += slope * input[i];
          below[i] += slope * weight.value[o * inputs + i];
        }
      }
      gradient = below;
    }
    return gradient;
  }

  clear() {
    for (const {weight, bias} of this.layers) {
      weight.gradient.fill(0);
      bias.gradient.fill(0);
    }
  }

  // Adam (Kingma and Ba 2015), then the gradients are cleared
  adam(rate, beta1 = 0.9, beta2 = 0.999) {
    this.steps++;
    const first = 1 - beta1 ** this.steps;
    const second = 1 - beta2 ** this.steps;
    for (const {value, gradient, mean, square} of this.layers.flatMap((l) => [l.weight, l.bias]))
      for (let i = 0; i < value.length; i++) {
        mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
        square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] ** 2;
        value[i] -= rate * (mean[i] / first) / (Math.sqrt(square[i] / second) + 1e-8);
      }
    this.clear();
  }
}

// parameters with their gradient and the two running means of Adam
function moments(value) {
  const [gradient, mean, square] = [1, 2, 3].map(() => new Float32Array(value.length));
  return {value, gradient, mean, square};
}

// Losses of one example, summed over its outputs: [loss, dL/doutput].
const LOSSES = {
  squaredError(output, target) {
    let loss = 0;
    const gradient = output.map((value, i) => {
      loss += (value - target[i]) ** 2;
      return 2 * (value - target[i]);
    });
    return [loss, gradient];
  },
  // binary cross-entropy; the outputs are logits, sigmoid(logit) the probability
  crossEntropy(logits, target) {
    let loss = 0;
    const gradient = logits.map((logit, i) => {
      loss += Math.max(logit, 0) - logit * target[i] + Math.log1p(Math.exp(-Math.abs(logit)));
      return 1 / (1 + Math.exp(-logit)) - target[i];
    });
    return [loss, gradient];
  },
};

// One step on a batch of pairs [input, target]; returns the loss, a mean over the batch.
function trainStep(mlp, batch, lossOf, rate) {
  let total = 0;
  for (const [input, target] of batch) {
    const [loss, gradient] = lossOf(mlp.forward(input), target);
    total += loss;
    mlp.backward(gradient.map((value) => value / batch.length));
  }
  mlp.adam(rate);
  return total / batch.length;
}

// Uniform numbers from 0 to 1, the same on every machine: mulberry32 of Tommy Ettinger.
function uniformNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Normal numbers of mean 0 and variance 1, by Box and Muller.
function normalNumbers(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
