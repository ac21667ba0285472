"""What every model must do, whatever it computes: subclass `Conduct`, parametrised by cases.

@pytest.mark.parametrize("case", [
    Case("LeNet-5", lambda seed: LeNet5(seed=seed), (1, 32, 32), (10,)),
], ids=str)
class TestConduct(Conduct):
    pass
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from coursekit.layers.weights import seeded


def count(model):
    """The number of parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def labelled(n, shape):
    """A batch for a conditional model: images, and labels out of 0, 1, 2."""
    x = torch.rand(n, *shape, generator=torch.Generator().manual_seed(n))
    return x, torch.arange(n) % 3


def first(output):
    return output[0]


@dataclass(frozen=True)
class Case:
    """A small model, its smallest legal input and what comes out; shapes without the batch."""

    name: str
    build: Callable[[int], nn.Module]  # seed -> model, small, without dropout
    shape: tuple  # of one input
    output: tuple  # shape of one output
    odd: tuple = ()  # (shape of an input with odd sizes, shape of its output), where they may vary
    inputs: Callable = None  # n, shape -> the arguments of forward; images in [0, 1] if not given
    pick: Callable = lambda output: output  # the tensor to look at, from what forward returns
    lr: float = 3e-3
    checks_type: bool = True  # whether it is a network with checks, not a part of one
    steps: int = 150  # in which Adam brings the error on one batch below a tenth

    def __str__(self):
        return self.name

    def batch(self, n, shape=None):
        shape = shape or self.shape
        if self.inputs is not None:
            return self.inputs(n, shape)
        return (torch.rand(n, *shape, generator=torch.Generator().manual_seed(n)),)

    def run(self, model, batch):
        """The output for a batch; noise that a model draws is the same in each call."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            return self.pick(model(*batch))


class Conduct:
    def test_shapes_of_a_batch_and_of_one(self, case):
        model = case.build(0).eval()
        for n in (1, 2):
            assert case.run(model, case.batch(n)).shape == (n, *case.output)

    def test_odd_sizes(self, case):
        if not case.odd:
            pytest.skip("the sizes of this model's input are fixed")
        shape, output = case.odd
        assert case.run(case.build(0).eval(), case.batch(2, shape)).shape == (2, *output)

    def test_every_parameter_gets_a_gradient(self, case):
        model = case.build(0).train()
        output = case.run(model, case.batch(4))
        assert output.dtype == torch.float32
        weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(1))
        (weights * output).sum().backward()
        without = [
            name
            for name, p in model.named_parameters()
            if p.grad is None or not p.grad.isfinite().all() or not p.grad.abs().sum() > 0
        ]
        assert not without

    def test_the_same_input_gives_the_same_output_in_eval_mode(self, case):
        model, batch = case.build(0).eval(), case.batch(2)
        kept = copy.deepcopy(batch)
        with torch.no_grad():
            assert torch.equal(case.run(model, batch), case.run(model, batch))
        assert all(torch.equal(a, b) for a, b in zip(kept, batch)), "the input was changed"

    def test_no_layer_changes_what_another_one_put_out(self, case):
        model, outputs = case.build(0).eval(), []

        def keep(module, args, output):
            if isinstance(output, torch.Tensor):
                outputs.append((type(module).__name__, output, output._version))

        for module in model.modules():
            module.register_forward_hook(keep)
        case.run(model, case.batch(2))
        assert outputs
        assert not [name for name, output, version in outputs if output._version != version]

    def test_weights_survive_saving_and_loading(self, case, tmp_path):
        model, other, batch = case.build(1).eval(), case.build(2).eval(), case.batch(2)
        torch.save(model.state_dict(), tmp_path / "weights.pt")
        with torch.no_grad():
            assert not torch.equal(case.run(model, batch), case.run(other, batch))
            other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
            assert torch.equal(case.run(model, batch), case.run(other, batch))

    def test_the_seed_alone_decides_the_first_weights(self, case):
        torch.manual_seed(0)
        before = torch.get_rng_state()
        weights = case.build(3).state_dict()
        assert torch.equal(torch.get_rng_state(), before)
        torch.manual_seed(1)
        for name, weight in case.build(3).state_dict().items():
            assert torch.equal(weight, weights[name]), name

    def test_without_a_seed_weights_come_from_the_surrounding_generator(self, case):
        with seeded(3):
            weights = case.build(None).state_dict()
        with seeded(3):
            same, other = case.build(None).state_dict(), case.build(None).state_dict()
        assert all(torch.equal(weight, same[name]) for name, weight in weights.items())
        assert any(not torch.equal(weight, other[name]) for name, weight in weights.items())

    def test_no_two_weights_start_alike(self, case):
        weights = [p for p in case.build(0).parameters() if p.numel() > 1 and p.std() > 0]
        for i, one in enumerate(weights):
            assert not any(torch.equal(one, other) for other in weights[:i])

    def test_an_input_of_another_type_than_the_weights_is_named(self, case):
        if not case.checks_type:
            pytest.skip("a part of a network leaves checks to it")
        model, (x, *rest) = case.build(0).eval(), case.batch(2)
        with pytest.raises(ValueError, match="must be torch.float32 on cpu as the weights are"):
            model(x.double(), *rest)
        with torch.autocast("cpu"):  # mixed precision: the layers take what they are given
            assert case.run(model, (x.bfloat16(), *rest)).isfinite().all()

    def test_one_batch_is_learnt_by_heart(self, case):
        model, batch = case.build(0).train(), case.batch(4)
        target = torch.rand(4, *case.output, generator=torch.Generator().manual_seed(2))
        optimizer = torch.optim.Adam(model.parameters(), lr=case.lr)
        losses = []
        for _ in range(case.steps):
            loss = (case.run(model, batch) - target).square().mean()
            losses.append(loss.item())
            if losses[-1] < 0.1 * losses[0]:
                return
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        pytest.fail(f"the error went from {losses[0]:.3g} to {losses[-1]:.3g}")

    @pytest.mark.gpu
    def test_the_gpu_computes_what_the_cpu_does(self, case):
        model, batch = case.build(0).eval(), case.batch(2)
        with torch.no_grad():
            here = case.run(model, batch)
            there = case.run(model.cuda(), [part.cuda() for part in batch]).cpu()
        torch.testing.assert_close(there, here, rtol=1e-3, atol=1e-3)
