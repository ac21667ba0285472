"""Who moves in a training step: an objective, its optimiser, and the parameters that it changes.

Used by every chapter from 01 on; several players move in chapters 04 and 06.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from coursekit.arguments import check_count, check_function, check_kind, describe
from coursekit.training.batches import Batch

Terms = dict[str, torch.Tensor]
Objective = Callable[[nn.Module, Batch], Terms]


class Player(NamedTuple):
    """One objective of a game; training without a game is a game of one."""

    prefix: str  # of its terms in the history
    objective: Objective
    optimizer: torch.optim.Optimizer
    parameters: list | None  # where its gradients go; None: wherever they lead
    every: int  # it moves on each so many-th batch


def by_prefix(objective: Objective | dict[str, Objective]) -> dict[str, Objective]:
    """Each objective under the prefix of its terms' names: "" for a single one."""
    if not isinstance(objective, dict):
        return {"": check_function("objective", objective, "a function (model, batch) -> dict")}
    if not objective:
        raise ValueError("objective must hold a player or more, got an empty dict")
    for name, one in objective.items():
        check_kind("a player's name in objective", name, str, "a string")
        check_function(f"objective[{name!r}]", one, "a function (model, batch) -> dict")
    return {f"{name} ": one for name, one in objective.items()}


def make_players(model, objective, optimizer, every, moves) -> list[Player]:
    """The players in the order of their moves in a run of so many batches.

    Raises TypeError and ValueError for objectives, optimisers and `every` that do not go together.
    """
    objectives = by_prefix(objective)
    if every is not None:
        check_kind("every", every, dict, "a dict {player: number of batches}")
    if not isinstance(objective, dict):
        if isinstance(optimizer, dict) or every:
            raise ValueError("optimizer as a dict, and every, need a dict of objectives")
        _check_optimizer("optimizer", optimizer, model)
        return [Player("", objective, optimizer, None, 1)]
    if not isinstance(optimizer, dict) or optimizer.keys() != objective.keys():
        got = list(optimizer) if isinstance(optimizer, dict) else type(optimizer).__name__
        raise ValueError(
            f"optimizer must be a dict with the names {list(objective)} of the objectives, "
            f"got {got}"
        )
    every = _check_every(every or {}, objective, moves)
    players = []
    for prefix, name in zip(objectives, objective):
        parameters = _check_optimizer(f"optimizer[{name!r}]", optimizer[name], model)
        trained = [p for p in parameters if p.requires_grad]
        players.append(
            Player(prefix, objective[name], optimizer[name], trained, every.get(name, 1))
        )
    return players


def check_terms(terms: Terms, learns: bool = False) -> Terms:
    """What an objective returned: a dict of scalar tensors, "loss" among them.

    A loss that one `learns` from must depend on a parameter.
    """
    if not isinstance(terms, dict) or "loss" not in terms:
        got = list(terms) if isinstance(terms, dict) else type(terms).__name__
        raise ValueError(f'the objective must return a dict of scalars with "loss", got {got}')
    for name, value in terms.items():
        if not isinstance(value, torch.Tensor):
            raise TypeError(
                f"the objective must return scalar tensors; its term {name!r} is "
                f"{describe(value)}; leave out .item(), or write torch.tensor(...)"
            )
        if value.numel() != 1:
            raise ValueError(
                f"the objective must return scalars; its term {name!r} is {describe(value)}; "
                "average it over the batch"
            )
    if learns and not terms["loss"].requires_grad:
        raise ValueError(
            'the objective must return a "loss" that depends on a parameter with '
            "requires_grad=True; this one has no gradient"
        )
    return terms


def read_terms(terms: Terms, prefix: str, wait: bool) -> dict[str, float | torch.Tensor]:
    """The terms as numbers, under their names in the history.

    They are floats if we may `wait` for the device, otherwise float64 scalars on it.
    """
    return {
        f"{prefix}{name}": value.item() if wait else value.detach().double().squeeze()
        for name, value in terms.items()
    }


def _check_optimizer(name, optimizer, model):
    """Its parameters, which must be the model's."""
    check_kind(name, optimizer, torch.optim.Optimizer, "a torch optimizer")
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    own = set(map(id, model.parameters()))
    strange = sum(id(p) not in own for p in parameters)
    if strange:
        raise ValueError(
            f"{name} must change parameters of this model; {strange} of its {len(parameters)} are "
            "not the model's; make it anew with model.parameters()"
        )
    return parameters


def _check_every(every, objective, moves):
    if every.keys() - objective.keys() or any(
        isinstance(count, int) and count < 1 for count in every.values()
    ):
        raise ValueError(
            f"every must give players out of {list(objective)} a number of batches "
            f"from 1 on, got {every}"
        )
    for name, count in every.items():
        if check_count(f"every[{name!r}]", count) > moves > 0:
            raise ValueError(
                f"every[{name!r}] must be at most {moves}, the batches of the whole run, got "
                f"{count}: this player would never move"
            )
    return every
