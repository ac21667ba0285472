import pytest
import torch

from coursekit.layers.labels import join_labels


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_labels_are_joined_in_the_type_of_the_input(dtype):
    joined = join_labels(torch.zeros(2, 1, dtype=dtype), torch.tensor([1, 0]), classes=3)
    assert joined.dtype == dtype and joined.tolist() == [[0, 0, 1, 0], [0, 1, 0, 0]]


def test_without_classes_the_input_is_returned_and_labels_are_refused():
    x = torch.rand(2, 3)
    assert join_labels(x, None, classes=None) is x
    with pytest.raises(ValueError, match="^labels were given to a model without classes"):
        join_labels(x, torch.tensor([0, 1]), classes=None)


@pytest.mark.gpu
def test_on_cuda_a_label_out_of_range_makes_its_example_nan_without_waiting():
    x, labels = torch.rand(3, 2, device="cuda"), torch.tensor([0, 3, 2], device="cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        joined = join_labels(x, labels, classes=3)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert joined[1, 2:].isnan().all() and joined[[0, 2]].isfinite().all()


@pytest.mark.parametrize("x", [torch.zeros(3), torch.zeros(3, 2, dtype=torch.int64)])
def test_an_input_that_takes_no_channels_is_named(x):
    with pytest.raises(ValueError, match=r"^x must be \(N, C, ...\) floating point, got \(3"):
        join_labels(x, torch.tensor([0, 1, 2]), classes=3)


def test_the_mark_of_a_label_out_of_range_makes_its_example_nan(monkeypatch):
    """What `within` does on CUDA, done here: NaN in place of the label."""
    marked = torch.tensor([0.0, torch.nan, 2.0])
    monkeypatch.setattr("coursekit.layers.labels.within", lambda *arguments: marked)
    joined = join_labels(torch.rand(3, 2), torch.tensor([0, 3, 2]), classes=3)
    assert joined[1, 2:].isnan().all()
    assert joined[[0, 2], 2:].tolist() == [[1, 0, 0], [0, 0, 1]]
