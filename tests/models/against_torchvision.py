"""What the tests of the classic networks share: torchvision's twins."""

import torch
from torch import nn

from coursekit.compat import import_torchvision


def shapes(model):
    """The names of parameters and buffers and their shapes."""
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def twin(name, ours=None, **options):
    """torchvision's network of that name, without weights or with those of `ours`."""
    with torch.device("meta"):
        theirs = getattr(import_torchvision().models, name)(weights=None, **options)
    if ours is not None:
        theirs.load_state_dict(ours.state_dict(), strict=True, assign=True)
    return theirs


def randomise(model):
    """Random statistics and affine maps of batch normalisation, whose first ones are 0 and 1."""
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    return model


def assert_same_output(ours, name, size, **options):
    ours = randomise(ours).eval()
    theirs = twin(name, ours, **options).eval()
    x = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        output = ours(x)
        assert output.std() > 1e-3, "an output this small would not show a difference"
        torch.testing.assert_close(theirs(x), output, rtol=1e-5, atol=1e-5)
