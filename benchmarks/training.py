"""Seconds per epoch of `fit` beside other ways to train the same network on the CPU.

    fit           coursekit.training.fit on tensors in memory, with its progress bar
    plain loop    shuffled slices of the same tensors; forward, zero_grad, backward, step, no more
    DataLoader    the plain loop on a DataLoader, which opens, converts and normalises image by
                  image with torchvision's transforms, as most tutorials do (0 and 2 workers)
    Lightning     PyTorch Lightning on the same DataLoader, as the lecture does (0 and 2 workers)

All train the same layers with the same fused Adam. Lightning keeps each term's average over the
epoch, as `fit` does, and runs without what costs time and the others lack: no logger (the lecture
writes every step to TensorBoard), no checkpoints, no progress bar, no validation; its setting up
and the start of its workers are not counted. Nor is preparing the tensors once for the first two,
which takes a fraction of a second.

Every round times one epoch of each way, in random order. The table shows the median over the
rounds, and ratios of times of the same round as median (first to third quartile).
Usage: python benchmarks/training.py [--quick]
"""

import argparse
import logging
import os
import random
import time
import warnings
from types import SimpleNamespace

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from coursekit.compat import import_torchvision
from coursekit.data import load, store
from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, fit

transforms = import_torchvision().transforms  # before Lightning, which imports torchvision too

from lightning import pytorch as lightning  # noqa: E402


class VAE(nn.Module):
    """The lecture's network: 784-196-49-28, mean and log-variance of a code of 28, and back."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 196),
            nn.ReLU(),
            nn.BatchNorm1d(196, momentum=0.7),
            nn.Linear(196, 49),
            nn.ReLU(),
            nn.BatchNorm1d(49, momentum=0.7),
            nn.Linear(49, 28),
            nn.LeakyReLU(),
        )
        self.mean, self.log_variance = nn.Linear(28, 28), nn.Linear(28, 28)
        self.decoder = nn.Sequential(
            nn.Linear(28, 49),
            nn.ReLU(),
            nn.Linear(49, 196),
            nn.ReLU(),
            nn.Linear(196, 784),
            nn.Tanh(),
        )


def variational(model, x):
    hidden = model.encoder(x)
    mean, log_variance = model.mean(hidden), model.log_variance(hidden)
    code = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
    error = squared_error(model.decoder(code), x)
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
    return {"loss": error + kl, "error": error, "kl": kl}


def reconstruction(model, x):
    return {"loss": squared_error(model(x), x)}


CASES = {
    "the lecture's VAE 784-196-49-28": (VAE, variational, 64, 9),
    "deep autoencoder 784-1000-500-250-30": (
        lambda: Autoencoder([784, 1000, 500, 250, 30]),
        reconstruction,
        256,
        5,
    ),
}


class ImageFiles(Dataset):
    """Images as torchvision's MNIST hands them out: PIL images, transformed one by one."""

    def __init__(self, pixels, labels):
        self.pixels, self.labels = pixels, labels
        self.transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize(mean=(0.5,), std=(0.5,))]
        )

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.pixels[i])), int(self.labels[i])


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def with_fit(case):
    batches = Batches(case.tensors, batch_size=case.batch_size)
    model, optimizer = case.new()
    return lambda: seconds(
        lambda: fit(model, case.objective, batches, optimizer=optimizer, epochs=1)
    )


def train_plainly(case, model, optimizer, batches):
    for x in batches:
        loss = case.objective(model, x)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def with_plain_loop(case):
    model, optimizer = case.new()

    def slices():
        for rows in torch.randperm(len(case.tensors)).split(case.batch_size):
            yield case.tensors[rows]

    return lambda: seconds(lambda: train_plainly(case, model, optimizer, slices()))


def with_loader(case, workers):
    model, optimizer = case.new()
    loader = case.loader(workers)
    next(iter(loader))  # starts the workers
    return lambda: seconds(
        lambda: train_plainly(case, model, optimizer, (x.flatten(1) for x, _ in loader))
    )


class Module(lightning.LightningModule):
    def __init__(self, case):
        super().__init__()
        (self.model, self.optimizer), self.objective = case.new(), case.objective

    def configure_optimizers(self):
        return self.optimizer

    def training_step(self, batch, _):
        terms = self.objective(self.model, batch[0].flatten(1))
        self.log_dict(terms, on_step=False, on_epoch=True, batch_size=len(batch[0]))
        return terms["loss"]


class Watch(lightning.Callback):
    """Times one epoch."""

    def on_train_epoch_start(self, *_):
        self.started = time.perf_counter()

    def on_train_epoch_end(self, *_):
        self.seconds = time.perf_counter() - self.started


def with_lightning(case, workers):
    module, loader = Module(case), case.loader(workers)

    def epoch():
        watch = Watch()
        trainer = lightning.Trainer(
            accelerator="cpu",
            max_epochs=1,
            callbacks=[watch],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, loader)
        return watch.seconds

    return epoch


def make_case(pixels, labels, model, objective, batch_size):
    """One network with its data in both forms."""

    def new():
        network = model()
        return network, torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def loader(workers):
        return DataLoader(
            ImageFiles(pixels, labels),
            batch_size=batch_size,
            shuffle=True,
            num_workers=workers,
            persistent_workers=workers > 0,
        )

    tensors = torch.from_numpy(pixels).flatten(1) / 127.5 - 1  # what the transforms lead to
    return SimpleNamespace(
        tensors=tensors, batch_size=batch_size, objective=objective, new=new, loader=loader
    )


def measure(case, rounds):
    """Seconds of each way in each round, {name: array (rounds,)}, after a round to warm up."""
    ways = {"fit": with_fit(case), "plain loop": with_plain_loop(case)}
    for workers in (0, 2):
        ways[f"DataLoader, {workers} workers"] = with_loader(case, workers)
        ways[f"Lightning, {workers} workers"] = with_lightning(case, workers)
    times = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name in random.sample(list(ways), len(ways)):
            times[name].append(ways[name]())
    return {name: np.array(values[1:]) for name, values in times.items()}


def spread(ratios):
    low, median, high = np.percentile(ratios, [25, 50, 75])
    return f"{median:6.3f} ({low:.3f} to {high:.3f})"


def report(name, times, scale):
    """Print the table of one network; `scale` turns seconds of the subset into a full epoch's."""
    print(f"\n{name}\n{'':24}{'s per epoch':>12}   ratio to fit")
    for way, values in times.items():
        print(f"{way:24}{scale * np.median(values):12.2f}   {spread(values / times['fit'])}")
    best = min(
        (way for way in times if way.startswith("Lightning")), key=lambda way: np.median(times[way])
    )
    print(
        f"fit / plain loop       {spread(times['fit'] / times['plain loop'])}   goal: at most 1.05"
    )
    print(f"best Lightning / fit   {spread(times[best] / times['fit'])}   goal: at least 3")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few steps, to see that it runs")
    quick = parser.parse_args().quick
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")  # Lightning's hints on workers and loggers
    random.seed(0)
    torch.manual_seed(0)
    source = "mnist" if not quick and store.find("mnist.npz") else "pen-digits"
    data = load(source)
    n_full = len(data.train_images)
    n = 256 if quick else min(12_800, n_full)
    pixels = (data.train_images[:n, 0] * 255).round().byte().numpy()
    print(
        f"{source}: {n} images a timed epoch, scaled to {n_full}; torch {torch.__version__}, "
        f"threads {torch.get_num_threads()}, cores {os.cpu_count()}, "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    for name, (model, objective, batch_size, rounds) in CASES.items():
        case = make_case(pixels, data.train_labels[:n].numpy(), model, objective, batch_size)
        report(f"{name}, batch {batch_size}", measure(case, 1 if quick else rounds), n_full / n)


if __name__ == "__main__":
    main()
