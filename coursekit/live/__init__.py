"""Living figures: they answer back in the reader's browser, with the network of this very run.

Each is one piece of HTML with its own script, without server or network; a still picture stands
in it for print, for PDF and for where scripts do not run.

| module | what it holds |
|---|---|
| `planes` | `plane`: one or two planes of codes: drag a point, the decoder draws its image |
| `recordings` | `frames`: recorded training: points that move over a field, with a slider |
| `hourglasses` | `hourglass`: an autoencoder that trains in the page, its code narrow or wide |
| `upsamplings` | `stamps`: a transposed convolution by stamps, beside resize-convolution |
| `fields` | `field`: where denoisers move the points of the plane, and the walk to the data |
| `output` | what makes an output of a still, a script and its data; what they all share |
| `network` | a torch network as data for the forward pass of `network.js` |
| `arrays` | tensors as text |

Beside them lie the scripts: `page.js` and `canvas.js` serve all figures, `cells.js` draws small
grids of numbers, `trainer.js` holds a multilayer perceptron with backpropagation and Adam.
"""

from coursekit.live.fields import field
from coursekit.live.hourglasses import hourglass
from coursekit.live.planes import plane
from coursekit.live.recordings import frames
from coursekit.live.upsamplings import stamps

__all__ = ["field", "frames", "hourglass", "plane", "stamps"]
