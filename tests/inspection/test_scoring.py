import pytest
import torch
from torch import nn

from coursekit.inspection.scoring import input_gradient, scores


def net():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2)
    ).double()
    model[3].eval()  # one layer in another mode than the rest
    return model


X = torch.randn(5, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def first(output):
    return output[:, 0]


def test_the_score_is_that_of_the_model_in_eval_mode():
    model = net()
    assert torch.equal(scores(model, X, first), net().eval()(X)[:, 0])


def test_the_gradient_is_that_of_each_example():
    model = net()
    gradient, step = input_gradient(model, X, first), 1e-6
    for d in range(3):
        move = step * torch.eye(3, dtype=torch.float64)[d]
        slope = (scores(model, X + move, first) - scores(model, X - move, first)) / (2 * step)
        torch.testing.assert_close(gradient[:, d], slope, rtol=1e-6, atol=1e-8)


def test_the_model_and_the_input_are_left_as_they_were():
    model, x = net(), X.clone()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        input_gradient(model, x, first)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(x, X) and not x.requires_grad and x.grad is None


@pytest.mark.parametrize(
    ("score", "got"),
    [
        (lambda output: output, r"\(5, 2\)"),
        (lambda output: output.sum(), r"\(\)"),
        (lambda output: output[:1, 0], r"\(1,\)"),
    ],
)
def test_a_score_that_is_not_one_scalar_an_example_is_refused(score, got):
    message = rf"score must return one scalar an example, \(5,\), got {got}; a class score is"
    with pytest.raises(ValueError, match=message):
        scores(net(), X, score)


@pytest.mark.parametrize("function", [scores, input_gradient])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": X * torch.nan}, "x must be finite, got 15 NaN"),  # ReLU has gradient 0 there
        ({"x": X.float()}, "x must be torch.float64 on cpu as the weights are, got torch.float32"),
        ({"x": X[:0]}, r"x must be \(N, ...\) floating point, got \(0, 3\)"),
        ({"x": X.long()}, "x must be .* floating point, got .*int64"),
        ({"x": None}, "x must be a tensor, got None"),
        ({"model": first}, "model must be a torch module, got the function first"),
        ({"score": 0}, "score must be a function of the model's output, got the int 0"),
        ({"score": lambda output: None}, r"score must return one scalar .* got None; a class"),
    ],
)
def test_garbage_is_refused_by_name(function, changes, message):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        function(**{"model": net(), "x": X, "score": first} | changes)
