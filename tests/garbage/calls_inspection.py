"""Valid calls of `coursekit.inspection`."""

import torch
from torch import nn

from coursekit import inspection
from tests.garbage.calls import Call


def seeded():
    return torch.Generator().manual_seed(0)


def net():
    """Images (N, 1, 6, 6) to scores (N, 3), with batch norm and rectifiers."""
    layers = nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3)
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.rand(p.shape, generator=seeded()) - 0.3)
    return model


def first(output):
    return output[:, 0]


def captured(model, layers):
    with inspection.capture(model, layers) as outputs:
        model(X)
    return outputs


MODEL = net().eval()
X = torch.rand(2, 1, 6, 6, generator=seeded())
MAPS = torch.rand(2, 6, 8, generator=seeded())
BOXES = torch.tensor([[2, 1, 5, 3], [0, 0, 8, 5]])
OTHERS = torch.tensor([[2, 0, 5, 4], [1, 0, 8, 5]])
EXPLAINED = dict(model=MODEL, x=X, score=first)

CALLS = {
    "cam": Call(
        inspection.cam,
        features=X.expand(2, 3, 6, 6),
        weights=torch.rand(4, 3, generator=seeded()),
        class_index=torch.tensor([1, 3]),
        refuses={"class_index": "negative huge"},
    ),
    "cam of one class": Call(
        inspection.cam,
        features=X.expand(2, 3, 6, 6),
        weights=torch.rand(4, 3, generator=seeded()),
        class_index=2,
        accepts={"class_index": "zero"},
    ),
    "capture": Call(captured, model=MODEL, layers=["0", "2"]),
    "checkerboard_energy": Call(inspection.checkerboard_energy, images=X, stride=2),
    "deconvnet": Call(inspection.deconvnet, **EXPLAINED),
    "features": Call(inspection.features, model=MODEL, layers=["0", "2"], x=X),
    "grad_cam": Call(inspection.grad_cam, layer="0", **EXPLAINED),
    "guided_backpropagation": Call(inspection.guided_backpropagation, **EXPLAINED),
    "input_gradient": Call(inspection.input_gradient, **EXPLAINED),
    "iou": Call(inspection.iou, boxes=BOXES, others=OTHERS),
    "jacobian": Call(inspection.jacobian, f=MODEL, x=X),
    "jacobian_norm": Call(inspection.jacobian_norm, f=MODEL, x=X),
    "largest_box": Call(inspection.largest_box, maps=MAPS, share=0.15, accepts={"share": "zero"}),
    "occlusion": Call(
        inspection.occlusion,
        size=2,
        stride=2,
        value=0.5,
        accepts={"value": "negative zero huge"},
        **EXPLAINED,
    ),
    "occlusion of channels": Call(
        inspection.occlusion, size=2, stride=2, value=torch.full((1, 1, 1), 0.5), **EXPLAINED
    ),
    "optimal_stimulus": Call(
        inspection.optimal_stimulus,
        model=MODEL,
        score=first,
        shape=(1, 1, 6, 6),
        steps=2,
        lr=0.1,
        norm=1.0,
        seed=1,
        accepts={"steps": "zero", "lr": "huge", "norm": "huge", "seed": "zero huge"},
    ),
    "overlap": Call(inspection.overlap, size=4, kernel=3, stride=2),
    "pointing_game": Call(
        inspection.pointing_game, maps=MAPS, boxes=BOXES, refuses={"boxes": "huge negative"}
    ),
    "receptive_field": Call(
        inspection.receptive_field,
        layers=[nn.Conv2d(1, 1, 3), nn.ReLU()],
        accepts={"layers": "empty"},
    ),
    "receptive_field_by_gradient": Call(
        inspection.receptive_field_by_gradient, model=nn.Conv2d(1, 1, 3), shape=(1, 1, 6, 6)
    ),
    "scores": Call(inspection.scores, **EXPLAINED),
    "summary": Call(inspection.summary, model=MODEL, x=X),
    "summary of a shape": Call(inspection.summary, model=MODEL, x=(2, 1, 6, 6)),
}
EXEMPT = {"ReceptiveField": "a form of result"}
