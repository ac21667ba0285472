import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.models.convlstm import ConvLSTM, ConvLSTMCell
from tests.models.conduct import Case, Conduct, count


def frames(*shape, seed=0, dtype=torch.float32):
    return torch.rand(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def randomise(model):
    """Also the peepholes, which start at 0."""
    for seed, parameter in enumerate(model.parameters()):
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(parameter, std=0.5, generator=generator)
    return model


def same(one, other, **tolerance):
    """Whether two lists of states are equal."""
    return len(one) == len(other) and all(
        torch.allclose(a, b, **tolerance) for s, t in zip(one, other) for a, b in zip(s, t)
    )


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "ConvLSTM",
            lambda seed: ConvLSTM(2, widths=(8, 16), seed=seed),
            (3, 2, 1, 1),
            (16, 1, 1),
            odd=((3, 2, 5, 4), (16, 5, 4)),
            pick=lambda history: history[-1][-1][0],
            lr=3e-2,
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


# ---------------------------------------------------------------------------- the cell


@pytest.mark.parametrize(("peephole", "extra"), [(True, 3 * 7), (False, 0)])
def test_a_cell_has_the_parameters_of_the_formula(peephole, extra):
    cell = ConvLSTMCell(5, width=7, kernel_size=3, state_kernel=1, peephole=peephole)
    assert count(cell) == 9 * 5 * 4 * 7 + 7 * 4 * 7 + 4 * 7 + extra


def equation_three(cell, x, h, c):
    """The paper's equation 3, term by term; x None where a layer has no input."""
    b_i, b_f, b_c, b_o = cell.state.bias[:, None, None].chunk(4)
    w_ci, w_cf, w_co = cell.peephole
    h_i, h_f, h_c, h_o = (F.conv2d(h, w, padding="same") for w in cell.state.weight.chunk(4))
    x_i, x_f, x_c, x_o = (
        (0, 0, 0, 0)
        if x is None
        else (F.conv2d(x, w, padding="same") for w in cell.input.weight.chunk(4))
    )
    i = torch.sigmoid(x_i + h_i + w_ci * c + b_i)
    f = torch.sigmoid(x_f + h_f + w_cf * c + b_f)
    c = f * c + i * torch.tanh(x_c + h_c + b_c)
    o = torch.sigmoid(x_o + h_o + w_co * c + b_o)
    return o * torch.tanh(c), c


@pytest.mark.parametrize("in_channels", [0, 3])
def test_a_step_is_equation_three(in_channels):
    cell = randomise(ConvLSTMCell(in_channels, width=4, kernel_size=5, state_kernel=3)).double()
    h, c = frames(2, 2, 4, 6, 7, dtype=torch.float64)
    x = frames(2, 3, 6, 7, seed=1, dtype=torch.float64) if in_channels else None
    assert same([cell(x, (h, c))], [equation_three(cell, x, h, c)], rtol=1e-12)


def test_on_one_pixel_without_peepholes_a_cell_is_pytorchs():
    cell = ConvLSTMCell(5, width=4, kernel_size=1, peephole=False).double()
    dense = nn.LSTMCell(5, 4).double()  # two biases, of which the sum counts
    with torch.no_grad():
        cell.input.weight.copy_(dense.weight_ih[:, :, None, None])
        cell.state.weight.copy_(dense.weight_hh[:, :, None, None])
        cell.state.bias.copy_(dense.bias_ih + dense.bias_hh)
    state = flat = None
    for x in frames(6, 3, 5, dtype=torch.float64):
        state, flat = cell(x[:, :, None, None], state), dense(x, flat)
        assert same([[part.flatten(1) for part in state]], [flat], rtol=0, atol=1e-12)


def test_no_state_means_zeros():
    cell, x, zeros = ConvLSTMCell(2, width=3), frames(2, 2, 4, 5), torch.zeros(2, 3, 4, 5)
    assert same([cell(x)], [cell(x, (zeros, zeros))])


# ---------------------------------------------------------------------------- the stack


def stack(**settings):
    return randomise(ConvLSTM(2, widths=(3, 4), **settings))


def test_on_one_pixel_a_stack_is_pytorchs():
    dense = nn.LSTM(5, 4, num_layers=2, batch_first=True).double()
    model = ConvLSTM(5, widths=(4, 4), kernel_size=1, peephole=False).double()
    with torch.no_grad():
        for layer, cell in enumerate(model.cells):
            w_ih, w_hh, b_ih, b_hh = dense.all_weights[layer]
            cell.input.weight.copy_(w_ih[:, :, None, None])
            cell.state.weight.copy_(w_hh[:, :, None, None])
            cell.state.bias.copy_(b_ih + b_hh)
    x = frames(3, 6, 5, dtype=torch.float64)
    history = model(x[..., None, None])
    top = torch.stack([states[-1][0].flatten(1) for states in history], dim=1)
    output, last = dense(x)
    assert torch.allclose(top, output, rtol=0, atol=1e-12)
    for part in (0, 1):  # h and c of every layer
        ours = torch.stack([state[part].flatten(1) for state in history[-1]])
        assert torch.allclose(ours, last[part], rtol=0, atol=1e-12)


def test_all_states_of_all_layers_come_back():
    history = stack()(frames(2, 5, 2, 6, 7))
    assert len(history) == 5
    for states in history:
        assert [(h.shape, c.shape) for h, c in states] == [
            (torch.Size([2, n, 6, 7]),) * 2 for n in (3, 4)
        ]


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_sequence_in_two_pieces_with_the_states_handed_over_is_one_sequence(cut):
    model, x = stack(), frames(2, 6, 2, 5, 5)
    whole, first = model(x), model(x[:, :cut])
    pieces = first + model(x[:, cut:], first[-1])
    assert all(same(a, b, atol=1e-6) for a, b in zip(whole, pieces))
    forgotten = model(x[:, cut:])
    assert not same(whole[-1], forgotten[-1], atol=1e-4)


def test_no_state_depends_on_later_frames_and_each_on_all_earlier_ones():
    model, x = stack(), frames(1, 5, 2, 5, 5)
    for t in range(5):
        other = x.clone()
        other[:, t] = 1 - other[:, t]
        changed = [not same(a, b) for a, b in zip(model(x), model(other))]
        assert changed == [False] * t + [True] * (5 - t)


def test_nothing_is_remembered_from_one_call_to_the_next():
    model, x = stack(), frames(2, 4, 2, 5, 5)
    before = model(x)
    model(frames(2, 4, 2, 5, 5, seed=1))
    assert same(before[-1], model(x)[-1], rtol=0, atol=0)


def test_sequences_of_a_batch_do_not_see_each_other():
    model, x = stack(), frames(3, 4, 2, 5, 5)
    batch = model(x)[-1]
    for n in range(3):
        alone = model(x[n : n + 1])[-1]
        assert same(alone, [[part[n : n + 1] for part in state] for state in batch], atol=1e-6)


def test_the_first_frame_gets_a_gradient_from_the_last_state():
    x = frames(1, 6, 2, 5, 5).requires_grad_()
    stack()(x)[-1][-1][0].sum().backward()
    assert (x.grad.abs().sum(dim=(0, 2, 3, 4)) > 0).all()


# ---------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ConvLSTMCell(1, width=2, kernel_size=4), "^kernel_size must be odd, .* got 4"),
        (
            lambda: ConvLSTMCell(1, width=2, kernel_size=3, state_kernel=2),
            "^state_kernel must be odd, .* got 2",
        ),
        (lambda: ConvLSTM(1, widths=()), r"^widths must be .* 1 numbers or more, got \[\]"),
    ],
)
def test_wrong_settings_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


X, H = torch.zeros(2, 3, 5, 5), torch.zeros(2, 4, 5, 5)


@pytest.mark.parametrize(
    ("in_channels", "x", "state", "message"),
    [
        (3, X[:, :2], None, r"^x must be \(N, 3, H, W\) .* got \(2, 2, 5, 5\)"),
        (3, X, (H, H[:1]), r"^c of state must be \(2, 4, 5, 5\) .* got \(1, 4, 5, 5\)"),
        (3, X, (H[..., :1], H), r"^h of state must be \(2, 4, 5, 5\) .* got \(2, 4, 5, 1\)"),
        (
            3,
            None,
            (H, H),
            "^x must be None where in_channels = 0, and only there; .* got in_channels",
        ),
        (0, X, (H, H), "^x must be None where in_channels = 0"),
        (0, None, None, "a state then says the size; got in_channels = 0"),
    ],
)
def test_an_input_or_a_state_that_would_only_broadcast_is_refused(in_channels, x, state, message):
    with pytest.raises(ValueError, match=message):
        ConvLSTMCell(in_channels, width=4)(x, state)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: stack()(torch.zeros(2, 2, 5, 5)),
            r"^x must be \(N, T, 2, H, W\) .* got \(2, 2, 5, 5",
        ),
        (
            lambda: stack()(torch.zeros(2, 0, 2, 5, 5)),
            r"^x must be \(N, T, 2, H, W\) .* got \(2, 0, 2, 5, 5\)",
        ),
        (
            lambda: stack()(torch.zeros(2, 1, 2, 5, 5), [(H, H)]),
            r"^states must hold one \(h, c\) for each of 2 layers, got 1",
        ),
    ],
)
def test_wrong_sequences_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
