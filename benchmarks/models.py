"""Time per training step and peak memory of the course's models beside public ones.

Each pair is one of our networks and the nearest one that installs from the package index, on the
same input, with the same loss and plain SGD. A round times both sides in random order; the table
shows ratios of times of the same round as median (first to third quartile). Memory is what
training adds to the peak of a fresh process (Linux), or the peak of the GPU's allocator: weights,
gradients, activations.
Usage: python benchmarks/models.py [--quick] [--only NAME] [--device cuda]
"""

import argparse
import os
import random
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.compat import import_torchvision
from coursekit.losses import gaussian_kl, squared_error
from coursekit.models import (
    VAE,
    VGG,
    AlexNet,
    CifarResNet,
    ConvLSTM,
    DCDiscriminator,
    DCGenerator,
    GoogLeNet,
    ResNet,
    UNet,
)

torchvision = import_torchvision()  # before the peers, which import it too
warnings.filterwarnings("ignore")  # the peers' own

GOAL = 1.1


class Pair(NamedTuple):
    """Two ways to the same loss: each a function without arguments -> (model, loss(model, x))."""

    peer_name: str
    shape: tuple
    ours: object
    peer: object


def classification(model):
    def loss(model, x):
        labels = torch.arange(len(x), device=x.device)
        return F.cross_entropy(model(x), labels)

    return model, loss


def segmentation(model):
    def loss(model, x):
        return F.cross_entropy(model(x), (x[:, 0] > 0.5).long())

    return model, loss


def torchvision_pair(ours, name, **more):
    """One of torchvision's classifiers beside ours."""
    return Pair(
        "torchvision",
        (8, 3, 128, 128),
        lambda: classification(ours()),
        lambda: classification(getattr(torchvision.models, name)(**more)),
    )


def pytorchcv_resnet():
    from pytorchcv.models.resnet_cifar import resnet20_cifar100

    return classification(resnet20_cifar100())


def our_vae():
    def loss(model, x):
        x = x.flatten(1)
        logits, mean, log_variance = model(x)
        return squared_error(torch.sigmoid(logits), x) + gaussian_kl(mean, log_variance)

    return VAE([784, 512, 16]), loss


def pythae_vae():
    from pythae.models import VAE, VAEConfig

    return (
        VAE(VAEConfig(input_dim=(1, 28, 28), latent_dim=16)),
        lambda model, x: model({"data": x}).loss,
    )


def monai_unet():
    from monai.networks.nets import BasicUNet

    return segmentation(
        BasicUNet(
            2,
            1,
            2,
            features=(16, 32, 64, 128, 256, 16),
            norm="batch",
            act=("relu", {"inplace": True}),
            upsample="nontrainable",
        )
    )


def our_convlstm():
    return (
        ConvLSTM(16, widths=[32, 32], kernel_size=5, peephole=False),
        lambda model, x: model(x)[-1][-1][0].square().mean(),
    )


def public_convlstm():
    from conv_lstm import ConvLSTM

    return ConvLSTM(16, 32, 5, num_layers=2), lambda model, x: model(x)[1][-1][0].square().mean()


def game(generator, discriminator):
    """The step of a GAN in one loss: discriminator on real and detached fakes, then generator."""

    def loss(model, x):
        generator, discriminator = model
        fake = generator(torch.randn(len(x), 100, device=x.device))
        logits = [discriminator(images).flatten() for images in (x, fake.detach(), fake)]
        return sum(
            F.binary_cross_entropy_with_logits(logit, torch.full_like(logit, label))
            for logit, label in zip(logits, (1.0, 0.0, 1.0))
        )

    return nn.ModuleList([generator, discriminator]), loss


def torchgan_dcgan():
    from torchgan.models import DCGANDiscriminator, DCGANGenerator

    return game(
        DCGANGenerator(100, 64, 3, 64, last_nonlinearity=nn.Sigmoid()),
        DCGANDiscriminator(64, 3, 64, last_nonlinearity=nn.Identity()),
    )


PAIRS = {
    "AlexNet": torchvision_pair(AlexNet, "alexnet"),
    "VGG-11": torchvision_pair(lambda: VGG(11), "vgg11"),
    "GoogLeNet": torchvision_pair(
        lambda: GoogLeNet(dropout=0.2), "googlenet", aux_logits=False, init_weights=False
    ),
    "ResNet-18": torchvision_pair(lambda: ResNet(18), "resnet18"),
    "CIFAR ResNet-20": Pair(
        "pytorchcv",
        (64, 3, 32, 32),
        lambda: classification(CifarResNet(20, classes=100, shortcut="B")),
        pytorchcv_resnet,
    ),
    "VAE 784-512-16": Pair("pythae", (100, 1, 28, 28), our_vae, pythae_vae),
    "DCGAN": Pair(
        "torchgan", (16, 3, 64, 64), lambda: game(DCGenerator(), DCDiscriminator()), torchgan_dcgan
    ),
    "U-Net": Pair(
        "MONAI",
        (4, 1, 128, 128),
        lambda: segmentation(UNet(1, out_channels=2, widths=(16, 32, 64, 128, 256))),
        monai_unet,
    ),
    "ConvLSTM": Pair("conv-lstm", (4, 10, 16, 16, 16), our_convlstm, public_convlstm),
}


def make_step(build, shape, device):
    """A function that trains one step, and the number of parameters."""
    torch.manual_seed(0)
    model, loss = build()
    model.to(device).train()
    x = torch.rand(shape, device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

    def step():
        optimizer.zero_grad()
        loss(model, x).backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    return step, sum(p.numel() for p in model.parameters())


def measure(pair, rounds, device):
    """Seconds of a step of each side, two arrays (rounds,), and the two numbers of parameters."""
    sides = {"ours": pair.ours, "peer": pair.peer}
    steps, counts = {}, {}
    for side, build in sides.items():
        steps[side], counts[side] = make_step(build, pair.shape, device)
        steps[side]()  # warms up
    repeats = max(1, round(0.2 / seconds(steps["peer"], 1)))  # short steps are timed together
    times = {side: [] for side in sides}
    for _ in range(rounds):
        for side in random.sample(list(sides), 2):
            times[side].append(seconds(steps[side], repeats) / repeats)
    return np.array(times["ours"]), np.array(times["peer"]), counts


def seconds(step, repeats):
    started = time.perf_counter()
    for _ in range(repeats):
        step()
    return time.perf_counter() - started


def peak(name, side, device):
    """MiB that three steps of one side add to the peak memory; for a process of its own."""

    def high_water():
        return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024

    pair = PAIRS[name]
    with torch.device("meta"):
        getattr(pair, side)()  # imports what it needs
    make_step(lambda: (nn.Linear(9, 9), lambda model, x: model(x).sum()), (9, 9), device)[0]()
    before = high_water()
    step, _ = make_step(getattr(pair, side), pair.shape, device)
    for _ in range(3):
        step()
    return torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else high_water() - before


def memory(name, side, device):
    command = [sys.executable, __file__, "--peak", name, side, "--device", device]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def report(name, rounds, device):
    pair = PAIRS[name]
    ours, peer, counts = measure(pair, rounds, device)
    low, median, high = np.percentile(ours / peer, [25, 50, 75])
    mib = {side: memory(name, side, device) for side in ("ours", "peer")}
    print(
        f"{name:16} {pair.peer_name:12} {counts['ours']:>12,} {counts['peer']:>12,} "
        f"{1000 * np.median(ours):8.0f}   {median:.2f} ({low:.2f} to {high:.2f})   "
        f"{mib['ours']:6.0f} {mib['peer']:6.0f}   {'ok' if median <= GOAL else 'SLOWER'}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round, to see that it runs")
    parser.add_argument("--only", choices=PAIRS, help="one pair")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        print(peak(*arguments.peak, arguments.device))
        return
    random.seed(0)
    print(
        f"torch {torch.__version__}, {arguments.device}, threads {torch.get_num_threads()}, "
        f"load {os.getloadavg()[0]:.1f}; goal: a step takes at most {GOAL} times the peer's\n"
        f"{'model':16} {'peer':12} {'parameters':>12} {'of the peer':>12} {'ms ours':>8}   "
        "time ours / peer      MiB ours, peer"
    )
    for name in [arguments.only] if arguments.only else PAIRS:
        report(name, 1 if arguments.quick else 25, arguments.device)


if __name__ == "__main__":
    main()
