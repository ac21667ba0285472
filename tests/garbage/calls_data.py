"""Valid calls of `coursekit.data`."""

import torch

from coursekit import data
from tests.garbage.calls import Call, Fresh

X = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
CLIPS = torch.rand(3, 256, generator=torch.Generator().manual_seed(1)) - 0.5
SEED = "zero huge"
NO_ARGUMENT = "takes no argument"
RESULT = "a form of result"
ONE = data.textured_shapes(3, seed=1).factors


def drawn(name):
    """A call that draws shapes of which this factor is given; half precision moves an edge."""
    return Call(
        lambda **given: data.draw_shapes(ONE | given)[:3],
        accepts={name: "half"},
        refuses={name: "negative huge"},
        **{name: ONE[name]},
    )


def seeded():
    return torch.Generator().manual_seed(0)


def fitted(build, **settings):
    """What a normalisation with these settings makes of data, there and back."""
    normalise = build(**settings).fit(X)
    return normalise(X), normalise.inverse(normalise(X))


CALLS = {
    "Gaussianise": Call(
        lambda quantiles: fitted(data.Gaussianise, quantiles=quantiles), quantiles=4
    ),
    "Gaussianise.fit": Call(lambda x: data.Gaussianise().fit(x), x=X),
    "Gaussianise.forward": Call(
        lambda x: data.Gaussianise().fit(X)(x), x=X, accepts={"x": "empty half"}
    ),
    "Gaussianise.inverse": Call(
        lambda x: data.Gaussianise().fit(X).inverse(x), x=X, accepts={"x": "empty"}
    ),
    "MinMax": Call(
        lambda low, high: fitted(data.MinMax, low=low, high=high),
        low=-1.0,
        high=1.0,
        accepts={"low": "negative zero", "high": "zero huge"},
    ),
    "MinMax.fit": Call(lambda x: data.MinMax().fit(x), x=X),
    "MinMax.forward": Call(lambda x: data.MinMax().fit(X)(x), x=X, accepts={"x": "empty"}),
    "Standardise": Call(lambda: fitted(data.Standardise)),
    "Standardise.fit": Call(lambda x: data.Standardise().fit(x), x=X),
    "Standardise.forward": Call(
        lambda x: data.Standardise().fit(X)(x), x=X, accepts={"x": "empty"}
    ),
    "Standardise.inverse": Call(
        lambda x: data.Standardise().fit(X).inverse(x), x=X, accepts={"x": "empty"}
    ),
    "add_noise": Call(
        data.add_noise,
        signals=CLIPS,
        snr_db=5.0,
        noise=CLIPS.flip(1),
        generator=Fresh(seeded),
        accepts={"signals": "empty", "snr_db": "float64 negative zero integer"},
        refuses={"signals": "zero", "noise": "zero"},
    ),
    "babble": Call(
        data.babble,
        signals=CLIPS,
        talkers=2,
        generator=Fresh(seeded),
        accepts={"talkers": "integer"},
        refuses={"signals": "zero"},
    ),
    "beats": Call(
        data.beats, kinds=[0, 3, 1], seed=1, accepts={"kinds": "empty zero", "seed": SEED}
    ),
    "draw_shapes": Call(data.draw_shapes, factors=ONE),
    **{f"draw_shapes, {name}": drawn(name) for name in ONE},
    "cell_films": Call(
        data.cell_films,
        n=1,
        frames=2,
        size=32,
        division=0.1,
        seed=1,
        accepts={"n": "zero", "division": "zero", "seed": SEED},
    ),
    "decibels": Call(
        data.decibels,
        magnitude=X,
        accepts={"magnitude": "empty"},
        refuses={"magnitude": "negative"},
    ),
    "formant_digits": Call(data.formant_digits, n=3, seed=1, accepts={"n": "zero", "seed": SEED}),
    "gaussian_mixture": Call(
        data.gaussian_mixture,
        n=6,
        means=torch.tensor([[0.0, 1.0], [4.0, 5.0]]),
        covariances=torch.eye(2),
        seed=1,
        accepts={"n": "zero", "seed": SEED},
        refuses={"covariances": "negative zero huge"},
    ),
    "gaussian_noise": Call(
        data.gaussian_noise,
        x=X,
        sigma=0.5,
        generator=Fresh(seeded),
        accepts={"x": "empty float64 half", "sigma": "zero huge"},
    ),
    "load": Call(data.load, name="beats", device="cpu"),
    "log_rain": Call(
        data.log_rain,
        rain_mm_h=X,
        accepts={"rain_mm_h": "empty"},
        refuses={"rain_mm_h": "negative"},
    ),
    "magnitude_from_decibels": Call(
        data.magnitude_from_decibels, level=X, accepts={"level": "empty"}, refuses={"level": "huge"}
    ),
    "mask": Call(
        data.mask, x=X, p=0.25, generator=Fresh(seeded), accepts={"x": "empty", "p": "zero"}
    ),
    "pen_digits": Call(data.pen_digits, n=3, seed=1, accepts={"n": "zero", "seed": SEED}),
    "rain_from_log": Call(
        data.rain_from_log,
        log_rain_mm_h=X,
        accepts={"log_rain_mm_h": "empty"},
        refuses={"log_rain_mm_h": "huge"},
    ),
    "resynthesise": Call(
        data.resynthesise,
        magnitude=data.spectrogram(CLIPS)[0].contiguous(),
        phase=data.spectrogram(CLIPS)[1].contiguous(),
        length=256,
        refuses={"magnitude": "negative"},
    ),
    "salt_and_pepper": Call(
        data.salt_and_pepper,
        x=X,
        p=0.25,
        generator=Fresh(seeded),
        accepts={"x": "empty", "p": "zero"},
    ),
    "spectrogram": Call(data.spectrogram, signals=CLIPS),
    "swiss_roll": Call(
        data.swiss_roll, n=5, noise=0.1, seed=1, accepts={"noise": "zero huge", "seed": "zero"}
    ),
    "textured_shapes": Call(data.textured_shapes, n=3, seed=1, accepts={"n": "zero", "seed": SEED}),
    "topics": Call(
        data.topics,
        n_train=5,
        n_test=4,
        seed=1,
        accepts={"n_train": "zero", "n_test": "zero", "seed": SEED},
    ),
    "touching_cells": Call(
        data.touching_cells,
        n=2,
        size=32,
        touching=0.5,
        seed=1,
        accepts={"n": "zero", "touching": "zero", "seed": SEED},
    ),
}
EXEMPT = {
    "Beats": RESULT,
    "CellFilms": RESULT,
    "Cells": RESULT,
    "Documents": RESULT,
    "FormantDigits": RESULT,
    "Images": RESULT,
    "LOADERS": "a constant",
    "PenDigits": RESULT,
    "TexturedShapes": RESULT,
    "beat_set": NO_ARGUMENT,
    "cifar10": NO_ARGUMENT,
    "TouchingCells": RESULT,
    "cell_patches": NO_ARGUMENT,
    "cell_set": NO_ARGUMENT,
    "Speech": RESULT,
    "formant_digit_set": NO_ARGUMENT,
    "fsdd": NO_ARGUMENT,
    "mnist": NO_ARGUMENT,
    "nuclei": NO_ARGUMENT,
    "nucleus_patches": NO_ARGUMENT,
    "pen_digit_set": NO_ARGUMENT,
    "reuters": NO_ARGUMENT,
    "textured_shape_set": NO_ARGUMENT,
}
