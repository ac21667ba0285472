"""The first call of every notebook: seed, device, profile, plot style."""

import os
import random
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch

PROFILES = ("quick", "full")


def profile() -> str:
    """The profile named by `COURSEKIT_PROFILE`: "full" (real data, the default) or "quick".

    Raises ValueError for any other name.
    """
    name = os.environ.get("COURSEKIT_PROFILE", "full")
    if name not in PROFILES:
        raise ValueError(
            f"COURSEKIT_PROFILE={name!r} is not a profile; set it to one of {', '.join(PROFILES)}"
        )
    return name


@dataclass(frozen=True)
class Session:
    """What a notebook runs with. `start` makes it."""

    profile: str
    device: torch.device
    seed: int

    def pick(self, *, quick: Any, full: Any) -> Any:
        """The value for this profile.

        >>> Session("quick", torch.device("cpu"), 0).pick(quick=2, full=20)
        2
        """
        return quick if self.profile == "quick" else full


def start(seed: int = 0) -> Session:
    """Seed the global generators, pick the device, read the profile, set the plot style.

    `COURSEKIT_SEED` in the environment overrides `seed`: that is how the spread of a chapter's
    results over seeds is measured. The library itself never draws from the global generators;
    noise that a notebook's objective draws (dropout, corruption, sampling) does.
    Prints one line. Raises ValueError for a seed or a profile that cannot be used.
    """
    text = os.environ.get("COURSEKIT_SEED", str(seed))
    if not text.isdigit():
        raise ValueError(f"the seed must be a whole number from 0 on, got {text!r}")
    seed = int(text)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.set_float32_matmul_precision("high")  # TF32 on CUDA; no effect on a CPU
    plt.style.use("coursekit.style")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    session = Session(profile(), device, seed)
    print(f"profile {session.profile}, device {device}, seed {seed}, torch {torch.__version__}")
    return session
