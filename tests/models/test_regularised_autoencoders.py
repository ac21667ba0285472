import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit import losses
from coursekit.data.corruptions import mask
from coursekit.models.regularised_autoencoders import KSparseAutoencoder, TiedAutoencoder, k_sparse
from tests.models.conduct import Case, Conduct

BUILD = {
    "tied": lambda seed: TiedAutoencoder([12, 20], seed=seed),
    "k-sparse": lambda seed: KSparseAutoencoder([12, 20], k=6, seed=seed),
}
both = pytest.mark.parametrize("build", BUILD.values(), ids=BUILD)


@pytest.mark.parametrize(
    "case",
    [Case(name, build, (12,), (12,), lr=3e-2, steps=300) for name, build in BUILD.items()],
    ids=str,
)
class TestConduct(Conduct):
    pass


@both
def test_the_decoder_uses_the_transposed_weights_of_the_encoder(build):
    model, code = build(0), torch.rand(5, 20)
    assert {name: tuple(p.shape) for name, p in model.named_parameters()} == {
        "weight": (20, 12),
        "bias": (20,),
        "output_bias": (12,),
    }
    nn.init.normal_(model.output_bias)
    assert torch.allclose(model.decode(code), code @ model.weight + model.output_bias, atol=1e-6)


def test_the_published_size_has_its_parameters():
    with torch.device("meta"):
        for model in (TiedAutoencoder([784, 1000]), KSparseAutoencoder([784, 1000], k=25)):
            assert sum(p.numel() for p in model.parameters()) == 785_784  # 784 * 1000 + 1000 + 784


def test_the_weights_get_the_gradients_of_both_halves():
    tied = TiedAutoencoder([12, 20]).double()
    x = torch.rand(5, 12, dtype=torch.float64)
    encoder, decoder = nn.Linear(12, 20).double(), nn.Linear(20, 12).double()
    with torch.no_grad():
        encoder.weight.copy_(tied.weight)
        decoder.weight.copy_(tied.weight.T)
        for linear in (encoder, decoder):
            linear.bias.zero_()
    untied = nn.Sequential(encoder, nn.Sigmoid(), decoder)
    for model in (tied, untied):
        losses.binary_cross_entropy(model(x), x).backward()
    assert torch.allclose(tied(x), untied(x), rtol=1e-12)
    total = encoder.weight.grad + decoder.weight.grad.T
    assert torch.allclose(tied.weight.grad, total, rtol=1e-10, atol=1e-12)


def test_the_tied_code_is_a_sigmoid_of_its_linear_layer():
    model, x = TiedAutoencoder([12, 20]), torch.rand(5, 12)
    assert torch.allclose(model.encode(x), torch.sigmoid(x @ model.weight.T + model.bias))
    assert torch.equal(model(x), model.decode(model.encode(x)))


def test_denoising_learns_to_undo_the_corruption_it_is_not_shown_in_the_target():
    """Copied pairs of pixels: one of a pair tells the other, so masks can be undone in part."""
    generator = torch.Generator().manual_seed(0)
    x = (torch.rand(400, 6, generator=generator) > 0.5).float().repeat(1, 2)
    model = TiedAutoencoder([12, 24])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    for _ in range(300):
        loss = losses.binary_cross_entropy(model(mask(x, 0.3, generator=generator)), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    corrupted = mask(x, 0.3, generator=generator)
    with torch.no_grad():
        error = losses.squared_error(torch.sigmoid(model(corrupted)), x)
    assert error < 0.7 * losses.squared_error(corrupted, x)


CODES = st.integers(0, 2**32).map(
    lambda seed: torch.randn(4, 9, generator=torch.Generator().manual_seed(seed))
)


@given(code=CODES, k=st.integers(1, 9))
def test_the_k_largest_stay_as_they_are_and_the_rest_is_zero(code, k):
    out = k_sparse(code, k=k)
    assert ((out != 0).sum(dim=1) == k).all()
    kept = out != 0
    assert torch.equal(out[kept], code[kept])
    smallest_kept = code.masked_fill(~kept, float("inf")).amin(dim=1)
    largest_dropped = code.masked_fill(kept, -float("inf")).amax(dim=1)
    assert (smallest_kept >= largest_dropped).all()
    assert torch.equal(k_sparse(code, k=9), code)


def test_large_negative_entries_are_dropped():
    assert k_sparse(torch.tensor([[-9.0, 1.0, 2.0]]), k=2).tolist() == [[0, 1, 2]]


def test_of_equal_entries_no_more_than_k_are_kept():
    """A known bug: a threshold at the k-th value keeps all of its ties."""
    assert ((k_sparse(torch.ones(3, 8), k=2) != 0).sum(dim=1) == 2).all()


@given(code=CODES, k=st.integers(1, 9))
def test_the_gradient_passes_through_the_support_only(code, k):
    code = code.clone().requires_grad_()
    out = k_sparse(code, k=k)
    (3 * out).sum().backward()
    assert torch.equal(code.grad, 3 * (out != 0).float())


def test_a_unit_outside_the_support_learns_nothing():
    model, x = KSparseAutoencoder([12, 20], k=3), torch.rand(1, 12)
    silent = model.encode(x)[0] == 0
    losses.squared_error(model(x), x).backward()
    assert silent.sum() == 17
    assert (model.weight.grad[silent] == 0).all() and (model.bias.grad[silent] == 0).all()
    assert (model.weight.grad[~silent].abs().sum(dim=1) > 0).all()


def test_with_all_units_it_is_the_linear_tied_autoencoder():
    model = KSparseAutoencoder([12, 20], k=20).double()
    nn.init.normal_(model.bias)
    nn.init.normal_(model.output_bias)
    x, y = torch.randn(2, 5, 12, dtype=torch.float64)
    with torch.no_grad():
        linear = (x @ model.weight.T + model.bias) @ model.weight + model.output_bias
        assert torch.allclose(model(x), linear, rtol=1e-12)
        assert torch.allclose(model(0.3 * x + 0.7 * y), 0.3 * model(x) + 0.7 * model(y))
        model.k = 5
        assert not torch.allclose(model(0.3 * x + 0.7 * y), 0.3 * model(x) + 0.7 * model(y))


@both
@pytest.mark.parametrize("shape", [(5, 11), (12,), (5, 1, 3, 4)])
def test_a_wrong_input_is_named_with_the_way_out(build, shape):
    with pytest.raises(ValueError, match=r"^x must be \(N, 12\) .*images.flatten\(1\)") as raised:
        build(0)(torch.zeros(shape))
    assert str(shape) in str(raised.value)


@both
def test_a_wrong_code_is_named(build):
    with pytest.raises(ValueError, match=r"^code must be \(N, 20\) floating point, got \(5, 12\)"):
        build(0).decode(torch.zeros(5, 12))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([0, 3], r"^sizes\[0\] must be at least 1, got 0"),
        ([3, 0], r"^sizes\[1\] must be at least 1, got 0"),
        ([3], r"^sizes must be \[input, code\], 2 numbers or more, got \[3\]"),
        ([3, 2, 1], r"^sizes must be \[input, code\], got \[3, 2, 1\]; StackedAutoencoder"),
    ],
)
def test_other_sizes_than_an_input_and_a_code_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        TiedAutoencoder(sizes)
    with pytest.raises(ValueError, match=message):
        KSparseAutoencoder(sizes, k=1)


@pytest.mark.parametrize("k", [0, -1, 21])
def test_k_outside_the_units_is_refused(k):
    message = f"^k must be at (least 1|most 20), got {k}"
    with pytest.raises(ValueError, match=message):
        KSparseAutoencoder([12, 20], k=k)
    with pytest.raises(ValueError, match=message):
        k_sparse(torch.zeros(2, 20), k=k)


def test_a_code_that_is_no_matrix_is_refused():
    with pytest.raises(ValueError, match=r"code must be \(N, K\) floating point, got \(3,\)"):
        k_sparse(torch.zeros(3), k=1)
