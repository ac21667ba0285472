"""Data sets of the course, and what changes data.

| module | what it holds |
|---|---|
| `loading` | `load(name)`: any data set as tensors on a device |
| `digits` | MNIST and pen-stroke digits as sets of images |
| `pen_strokes` | `pen_digits`: digits drawn by a simulated pen, factors known |
| `photos` | CIFAR-10 and textured shapes as sets of colour images |
| `shapes` | `textured_shapes`: shapes on a ground, factors and boxes known |
| `outlines`, `textures` | what these are drawn with |
| `cells` | microscope images with each cell known: real nuclei, drawn touching cells |
| `tissue`, `films` | `touching_cells`, and the same cells at several times |
| `cell_shapes`, `microscope` | how these are drawn: outlines and places, light and camera |
| `documents` | word counts of news stories, and of documents drawn from topics |
| `signals` | heart beats |
| `speech` | spoken digits, real ones and formant digits |
| `formants` | `formant_digits`: digits spoken by a simulated voice, factors known |
| `points`, `manifolds` | points of known densities, surfaces with known coordinates |
| `radar` | the logarithm of rain |
| `corruptions` | noise and masks for denoising, noise at a signal-to-noise ratio |
| `spectrograms` | sound to magnitude and phase, and back |
| `normalisations` | maps to a standard form, with their inverses |
| `store` | the real files: found, downloaded, verified |
| `files`, `origins` | what they are; how some are made from what their authors published |
"""

from coursekit.data.cells import Cells, cell_patches, cell_set, nuclei, nucleus_patches
from coursekit.data.corruptions import add_noise, babble, gaussian_noise, mask, salt_and_pepper
from coursekit.data.digits import Images, mnist, pen_digit_set
from coursekit.data.documents import Documents, reuters, topics
from coursekit.data.films import CellFilms, cell_films
from coursekit.data.formants import FormantDigits, formant_digits
from coursekit.data.loading import LOADERS, load
from coursekit.data.manifolds import swiss_roll
from coursekit.data.normalisations import Gaussianise, MinMax, Standardise
from coursekit.data.pen_strokes import PenDigits, pen_digits
from coursekit.data.photos import cifar10, textured_shape_set
from coursekit.data.points import gaussian_mixture
from coursekit.data.radar import log_rain, rain_from_log
from coursekit.data.shapes import TexturedShapes, draw_shapes, textured_shapes
from coursekit.data.signals import Beats, beat_set, beats
from coursekit.data.spectrograms import decibels, magnitude_from_decibels, resynthesise, spectrogram
from coursekit.data.speech import Speech, formant_digit_set, fsdd
from coursekit.data.tissue import TouchingCells, touching_cells

__all__ = [
    "LOADERS",
    "Beats",
    "CellFilms",
    "Cells",
    "Documents",
    "FormantDigits",
    "Gaussianise",
    "Images",
    "MinMax",
    "PenDigits",
    "Speech",
    "Standardise",
    "TexturedShapes",
    "TouchingCells",
    "add_noise",
    "babble",
    "beat_set",
    "beats",
    "cell_films",
    "cell_patches",
    "cell_set",
    "cifar10",
    "decibels",
    "draw_shapes",
    "formant_digit_set",
    "formant_digits",
    "fsdd",
    "gaussian_mixture",
    "gaussian_noise",
    "load",
    "log_rain",
    "magnitude_from_decibels",
    "mask",
    "mnist",
    "nuclei",
    "nucleus_patches",
    "pen_digit_set",
    "pen_digits",
    "rain_from_log",
    "resynthesise",
    "reuters",
    "salt_and_pepper",
    "spectrogram",
    "swiss_roll",
    "textured_shape_set",
    "textured_shapes",
    "topics",
    "touching_cells",
]
