"""How real are the pen-stroke digits? A network that saw nothing else reads MNIST's test set.

Usage: python benchmarks/realism.py [--quick]: about a minute on one free core.
"""

import argparse
import time

import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.data import load, pen_digits

SEEDS = (0, 1, 2)
DIGITS = 20_000


def train_classifier(images, labels, seed=0, epochs=4):
    """A convolutional network of 64,000 parameters, trained on images (N, 1, 28, 28)."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),  # N x 16 x 14 x 14
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),  # N x 32 x 7 x 7
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(32 * 7 * 7, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    ).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


@torch.no_grad()
def accuracy(model, images, labels):
    """Per cent of the images of each class, and of all images, that the model gets right."""
    right = torch.cat([model(part).argmax(1) for part in images.split(1000)]) == labels
    shares = {k: right[labels == k].float().mean().item() for k in range(10)}
    return pd.Series(shares | {"all": right.float().mean().item()}) * 100


def generation_seconds(n, repeats=5):
    """The best of several times for `n` images."""
    times = []
    for seed in range(repeats):
        start = time.perf_counter()
        pen_digits(n, seed=seed)
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few digits, to see that it runs")
    n, seeds = (DIGITS // 20, SEEDS[:2]) if parser.parse_args().quick else (DIGITS, SEEDS)
    for threads in sorted({1, torch.get_num_threads()}):
        torch.set_num_threads(threads)
        seconds = generation_seconds(n // 2)
        print(f"{n // 2:,} pen digits, threads: {threads}, seconds: {seconds:.2f}")
    try:
        mnist = load("mnist")
    except FileNotFoundError as error:
        print(f"realism: skipped, MNIST is not available. {error}")
        return
    scores = {}
    for seed in seeds:
        digits = pen_digits(n, seed=seed)
        model = train_classifier(digits.images, digits.labels, seed)
        scores[f"seed {seed}"] = accuracy(model, mnist.test_images, mnist.test_labels)
    table = pd.DataFrame(scores)
    table = table.assign(mean=table.mean(axis=1), deviation=table.std(axis=1))
    print(f"\ntrained on {n:,} pen digits, accuracy on the 10,000 test images of MNIST, per cent")
    print(table.T.round(2).to_string())


if __name__ == "__main__":
    main()
