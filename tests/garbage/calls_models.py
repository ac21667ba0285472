"""Valid calls of `coursekit.models`: small networks, and what they do to an input."""

import functools

import torch
from torch import nn

from coursekit import models
from tests.garbage.calls import Call, Fresh

EMPTY = {"x": "empty"}  # no examples: none come out
SCALE = {"scale": "float64 integer"}  # other factors are fine


def random(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


ROW, CODE, IMAGE, PHOTO = random(2, 6), random(2, 3), random(2, 1, 8, 8), random(2, 3, 32, 32)
LABELS = torch.tensor([0, 1])


def shapes(model):
    """What builds a large network without its weights, and shows their shapes."""

    @functools.wraps(model)
    def build(*args, **options):
        with torch.device("meta"):
            parameters = list(model(*args, **options).parameters())
        return [torch.tensor(weight.shape) for weight in parameters]

    return build


def runs(name, model, x, method="forward", **options):
    """Calls of a model that takes `x`, under the name of its class."""
    function = getattr(model.eval(), method)
    return {f"{name}.{method}": Call(function, x=x, accepts=EMPTY, **options)}


def decodes(name, model, **code):
    (argument,) = code
    return {f"{name}.decode": Call(model.eval().decode, **code, accepts={argument: "empty"})}


def autoencoders():
    plain = models.Autoencoder([6, 4, 3])
    stacked = models.StackedAutoencoder([6, 4, 3])
    convolutional = models.ConvAutoencoder(widths=(2, 3), latent=3, size=8)
    hiding = models.SemiAdversarialAutoencoder(prototype_channels=1, widths=(2, 3))
    return {
        "Autoencoder": Call(
            models.Autoencoder,
            sizes=[6, 4, 3],
            activation=nn.ReLU,
            code_activation=nn.Tanh,
            output_activation=nn.Sigmoid,
            seed=0,
        ),
        "ConvAutoencoder": Call(
            models.ConvAutoencoder,
            channels=1,
            widths=(2, 3),
            latent=3,
            size=8,
            upsampling="transposed",
            output_activation=nn.Sigmoid,
            seed=0,
        ),
        "TiedAutoencoder": Call(models.TiedAutoencoder, sizes=[6, 3], seed=0),
        "KSparseAutoencoder": Call(models.KSparseAutoencoder, sizes=[6, 3], k=2, seed=0),
        "StackedAutoencoder": Call(models.StackedAutoencoder, sizes=[6, 4, 3], seed=0),
        "SemiAdversarialAutoencoder": Call(
            models.SemiAdversarialAutoencoder,
            channels=1,
            prototype_channels=1,
            widths=(2, 3),
            seed=0,
        ),
        "k_sparse": Call(models.k_sparse, code=CODE, k=2, accepts={"code": "empty float64"}),
        **runs("Autoencoder", plain, ROW),
        **runs("TiedAutoencoder", models.TiedAutoencoder([6, 3]), ROW),
        **runs("KSparseAutoencoder", models.KSparseAutoencoder([6, 3], k=2), ROW),
        **runs("StackedAutoencoder", stacked, ROW),
        **runs("ConvAutoencoder", convolutional, IMAGE),
        **decodes("Autoencoder", plain, code=CODE),
        **decodes("ConvAutoencoder", convolutional, code=CODE),
        **decodes("StackedAutoencoder", stacked, code=CODE),
        "StackedAutoencoder.codes": Call(
            stacked.codes, x=ROW, depth=1, accepts=EMPTY | {"depth": "zero"}
        ),
        "StackedAutoencoder.classifier": Call(stacked.classifier, classes=2, seed=0),
        "SemiAdversarialAutoencoder.forward": Call(
            hiding.eval().forward, x=IMAGE, own=IMAGE, wanted=IMAGE
        ),
    }


def variational():
    plain, told = models.VAE([6, 4, 3]).eval(), models.ConditionalVAE([6, 4, 3], classes=2).eval()
    settings = dict(channels=1, width=2, latent=3, size=8, seed=0)
    return {
        "VAE": Call(
            models.VAE,
            sizes=[6, 4, 4, 3],
            activation=nn.ReLU,
            batch_norm=True,
            decoder_sizes=[4],
            seed=0,
            accepts={"decoder_sizes": "empty"},  # from the code straight to the output
        ),
        "ConditionalVAE": Call(
            models.ConditionalVAE, sizes=[6, 4, 3], classes=2, activation=nn.ReLU, seed=0
        ),
        "DCVAE": Call(models.DCVAE, **settings),
        "ConditionalDCVAE": Call(models.ConditionalDCVAE, classes=2, **settings),
        "VAEGAN": Call(models.VAEGAN, layer=1, **settings),
        **runs("VAE", plain, ROW),
        **runs("DCVAE", models.DCVAE(1, width=2, latent=3, size=8), IMAGE),
        **runs("VAEGAN", models.VAEGAN(1, width=2, latent=3, size=8, layer=1), IMAGE, "features"),
        **decodes("VAE", plain, z=CODE),
        "VAE.sample_code": Call(plain.sample_code, mean=CODE, log_variance=CODE),
        "VAE.log_weights": Call(
            plain.log_weights,
            x=ROW,
            samples=2,
            log_likelihood=lambda logits, x: -(logits - x).square().sum(dim=1),
            accepts=EMPTY,
        ),
        "ConditionalVAE.forward": Call(
            told.forward, x=ROW, labels=LABELS, refuses={"labels": "negative huge"}
        ),
    }


def adversarial():
    gan = models.mlp_gan(4, latent=3, generator_widths=(4,), discriminator_widths=(4,))
    generator, discriminator = gan.eval().generator, gan.discriminator
    dc = dict(width=2, size=8, classes=2)
    dc_generator = models.DCGenerator(3, channels=1, **dc).eval()
    dc_discriminator = models.DCDiscriminator(1, **dc).eval()
    widths = dict(latent=3, generator_widths=(4, 4), discriminator_widths=(4, 4))
    sides = dict(spectral_norm=True, minibatch_deviation=True, seed=0)
    given = {"labels": LABELS, "refuses": {"labels": "negative huge"}}
    return {
        "GAN": Call(
            models.GAN,
            generator=Fresh(lambda: generator),
            discriminator=Fresh(lambda: discriminator),
            latent=3,
        ),
        "GAN.sample": Call(
            gan.sample,
            n=2,
            generator=Fresh(lambda: torch.Generator().manual_seed(0)),
            accepts={"n": "zero"},
        ),
        "MLPGenerator": Call(
            models.MLPGenerator,
            latent=3,
            widths=(4, 4),
            shape=(1, 2, 2),
            output_activation=nn.Sigmoid,
            seed=0,
        ),
        "MLPDiscriminator": Call(models.MLPDiscriminator, shape=(1, 2, 2), widths=(4,), **sides),
        "simple_gan": Call(models.simple_gan, dim=2, **widths, **sides),
        "mlp_gan": Call(models.mlp_gan, size=4, channels=1, **widths, **sides),
        "DCGenerator": Call(models.DCGenerator, latent=3, channels=1, **dc, seed=0),
        "DCDiscriminator": Call(
            models.DCDiscriminator, channels=1, **dc, spectral_norm=True, batch_norm=True, seed=0
        ),
        "MLPGenerator.forward": Call(generator.forward, z=CODE, accepts={"z": "empty"}),
        **runs("MLPDiscriminator", discriminator, random(2, 1, 4, 4)),
        "DCGenerator.forward": Call(dc_generator.forward, z=CODE, **given),
        "DCDiscriminator.forward": Call(dc_discriminator.forward, x=IMAGE, **given),
        "DCDiscriminator.features": Call(
            dc_discriminator.features, x=IMAGE, labels=LABELS, depth=1, refuses=given["refuses"]
        ),
    }


def classifiers():
    small = dict(classes=4, scale=0.0625, dropout=0.1, seed=0)
    lenet = models.LeNet5(scale=0.5)
    return {
        "LeNet5": Call(models.LeNet5, classes=4, channels=1, scale=0.5, seed=0, accepts=SCALE),
        "LeNet5Of1998": Call(models.LeNet5Of1998, seed=0),
        "AlexNet": Call(shapes(models.AlexNet), **small, accepts=SCALE),
        "AlexNetOf2012": Call(
            shapes(models.AlexNetOf2012),
            **small,
            groups=2,
            without=(3, 7),
            activation=nn.Tanh,
            overlapping=True,
            size=32,
            accepts={"without": "empty"} | SCALE,
        ),
        "ZFNet": Call(shapes(models.ZFNet), **small, size=32, accepts=SCALE),
        "VGG": Call(shapes(models.VGG), depth=11, **small, batch_norm=True, size=32, accepts=SCALE),
        "GoogLeNet": Call(
            shapes(models.GoogLeNet),
            **small,
            auxiliary=True,
            kernel=3,
            batch_norm=True,
            size=32,
            accepts=SCALE,
        ),
        "ResNet": Call(
            models.ResNet, depth=18, classes=4, width=2, residual=True, zero_init=True, seed=0
        ),
        "CifarResNet": Call(
            models.CifarResNet, depth=8, classes=4, width=2, residual=True, shortcut="A", seed=0
        ),
        **runs("LeNet5", lenet, random(2, 1, 32, 32)),
        **runs("LeNet5Of1998", models.LeNet5Of1998(), random(2, 1, 32, 32)),
        **runs("AlexNet", models.AlexNet(4, scale=0.0625), random(2, 3, 63, 63)),
        **runs("AlexNetOf2012", models.AlexNetOf2012(4, scale=0.0625, size=32), PHOTO),
        **runs("ZFNet", models.ZFNet(4, scale=0.0625, size=32), PHOTO),
        **runs("VGG", models.VGG(11, classes=4, scale=0.0625, size=32), PHOTO),
        **runs("GoogLeNet", models.GoogLeNet(4, scale=0.0625, size=32), PHOTO),
        **runs("ResNet", models.ResNet(18, classes=4, width=2), PHOTO),
        **runs("CifarResNet", models.CifarResNet(8, classes=4, width=2), PHOTO),
    }


def dense():
    valid = models.UNetOf2015(width=1)
    return {
        "UNetOf2015": Call(models.UNetOf2015, channels=1, classes=2, width=2, dropout=0.1, seed=0),
        "UNet": Call(
            models.UNet,
            in_channels=1,
            out_channels=2,
            widths=(2, 3),
            kernel_size=3,
            skips=True,
            batch_norm=True,
            seed=0,
        ),
        "RainNet": Call(
            models.RainNet, in_channels=1, out_channels=2, width=2, dropout=0.1, seed=0
        ),
        "SmaAtUNet": Call(
            models.SmaAtUNet,
            in_channels=1,
            out_channels=2,
            width=4,
            kernels_per_layer=2,
            reduction=2,
            seed=0,
        ),
        **runs("UNetOf2015", valid, random(1, 1, 188, 188)),
        **runs("UNet", models.UNet(1, out_channels=2, widths=(2, 3)), IMAGE),
        **runs("RainNet", models.RainNet(1, width=1), random(2, 1, 16, 16)),
        **runs("SmaAtUNet", models.SmaAtUNet(1, width=2, reduction=1), random(2, 1, 16, 16)),
    }


def recurrent():
    cell, stack = models.ConvLSTMCell(1, width=2), models.ConvLSTM(1, widths=(2, 3))
    forecaster = models.ConvLSTMForecaster(1, widths=(2, 3), kernel_size=3)
    linear = models.FCLSTMForecaster(6, widths=(4, 3))
    settings = dict(kernel_size=3, state_kernel=1, peephole=True, seed=0)
    movie, state = random(2, 3, 1, 4, 4), (random(2, 2, 4, 4), random(2, 2, 4, 4))
    states = [state, (random(2, 3, 4, 4), random(2, 3, 4, 4))]
    first = {"in_channels": "zero"}  # a layer without an input
    return {
        "ConvLSTMCell": Call(
            models.ConvLSTMCell, in_channels=1, width=2, **settings, accepts=first
        ),
        "ConvLSTM": Call(
            models.ConvLSTM, channels=1, widths=(2, 3), **settings, accepts={"channels": "zero"}
        ),
        "ConvLSTMForecaster": Call(
            models.ConvLSTMForecaster, channels=1, widths=(2, 3), **settings
        ),
        "FCLSTMForecaster": Call(models.FCLSTMForecaster, inputs=6, widths=(4, 3), seed=0),
        "ConvLSTMCell.forward": Call(cell.forward, x=random(2, 1, 4, 4), state=state),
        "ConvLSTM.forward": Call(stack.forward, x=movie, states=states),
        "ConvLSTM.step": Call(stack.step, x=random(2, 1, 4, 4), states=states),
        "ConvLSTMForecaster.forward": Call(forecaster.forward, x=movie, steps=2, accepts=EMPTY),
        "FCLSTMForecaster.forward": Call(linear.forward, x=random(2, 3, 6), steps=2, accepts=EMPTY),
    }


CALLS = {
    **autoencoders(),
    **variational(),
    **adversarial(),
    **classifiers(),
    **dense(),
    **recurrent(),
}
EXEMPT = {}
