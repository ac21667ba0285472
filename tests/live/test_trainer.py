"""trainer.js: gradients, Adam and losses equal torch's."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.live.pages import node

BENDS = {
    "identity": nn.Identity(),
    "relu": nn.ReLU(),
    "leaky": nn.LeakyReLU(0.1),
    "tanh": nn.Tanh(),
    "sigmoid": nn.Sigmoid(),
}
# A network with given weights trains on given batches; everything that came out.
TRAIN = """({sizes, activations, weights, batches, loss, rate, x}) => {
  const mlp = new Mlp(sizes, activations, () => 0);
  mlp.layers.forEach((layer, l) => {
    layer.weight.value.set(weights[2 * l]);
    layer.bias.value.set(weights[2 * l + 1]);
  });
  const losses = batches.map((batch) => trainStep(mlp, batch, LOSSES[loss], rate));
  const output = mlp.forward(x);
  const input = mlp.backward(output.map(() => 1));
  const values = mlp.layers.flatMap((l) => [l.weight.value, l.bias.value]);
  const gradients = mlp.layers.flatMap((l) => [l.weight.gradient, l.bias.gradient]);
  return {losses, output, input, values, gradients};
}"""


def both(activations, loss, sizes=(4, 6, 5, 3), steps=5):
    """(torch's, the page's) losses, output, gradients and weights after a few steps."""
    torch.manual_seed(0)
    layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    model = nn.Sequential(*(m for pair in zip(layers, map(BENDS.get, activations)) for m in pair))
    inputs, targets = torch.randn(steps, 8, sizes[0]), torch.rand(steps, 8, sizes[-1])
    x = torch.randn(sizes[0], requires_grad=True)
    given = {
        "sizes": sizes,
        "activations": activations,
        "weights": [p.detach().flatten().tolist() for p in model.parameters()],
        "batches": [list(zip(i.tolist(), t.tolist())) for i, t in zip(inputs, targets)],
        "loss": loss,
        "rate": 0.01,
        "x": x.tolist(),
    }
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    functions = {"squaredError": F.mse_loss, "crossEntropy": F.binary_cross_entropy_with_logits}
    losses = []
    for i, t in zip(inputs, targets):
        optimiser.zero_grad()
        losses.append(functions[loss](model(i), t, reduction="sum") / 8)
        losses[-1].backward()
        optimiser.step()
    optimiser.zero_grad()
    output = model(x)
    output.sum().backward()
    wanted = {
        "losses": [value.item() for value in losses],
        "output": output.tolist(),
        "input": x.grad.tolist(),
        "values": [p.detach().flatten().tolist() for p in model.parameters()],
        "gradients": [p.grad.flatten().tolist() for p in model.parameters()],
    }
    return wanted, node(["trainer"], TRAIN, given)


@pytest.mark.parametrize(
    ("activations", "loss"),
    [
        (["leaky", "identity", "sigmoid"], "squaredError"),
        (["relu", "tanh", "identity"], "crossEntropy"),
    ],
)
def test_training_is_that_of_torch(activations, loss):
    wanted, got = both(activations, loss)
    for key in wanted:
        parts = [v if isinstance(v[0], list) else [v] for v in (wanted[key], got[key])]
        for a, b in zip(*parts):
            a, b = torch.tensor(a).float(), torch.tensor(b).float()
            torch.testing.assert_close(b, a, atol=2e-5, rtol=1e-4)


def test_cross_entropy_of_large_logits_is_finite():
    run = "x => LOSSES.crossEntropy(Float32Array.from(x), [0, 1])[0]"
    assert node(["trainer"], run, [200, -300]) == 500


def test_random_numbers_are_normal_and_the_same_each_time():
    run = "n => { const f = normalNumbers(uniformNumbers(7)); return Array.from({length: n}, f); }"
    first, second = (torch.tensor(node(["trainer"], run, 4000)) for _ in range(2))
    assert torch.equal(first, second)
    assert abs(first.mean()) < 0.05 and abs(first.std() - 1) < 0.05
    assert len(first.unique()) == 4000
