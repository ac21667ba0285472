"""Networks, one module a family: `from coursekit.models import VAE`.

| chapters | modules | what they hold |
|---|---|---|
| 01, 02 | `autoencoders` | `Autoencoder` |
| 03, 04 | `convolutional_autoencoders` | `ConvAutoencoder` |
| 04 | `regularised_autoencoders` | `TiedAutoencoder`, `KSparseAutoencoder`, `k_sparse` |
| 04 | `stacked_autoencoders` | `StackedAutoencoder` |
| 04 | `semi_adversarial` | `SemiAdversarialAutoencoder` |
| 05 | `vae` | `VAE`, `ConditionalVAE` |
| 05 | `convolutional_vae` | `DCVAE`, `ConditionalDCVAE` |
| 05 | `vae_gan` | `VAEGAN` |
| 06 | `gan` | `GAN`, `MLPGenerator`, `MLPDiscriminator`, `simple_gan`, `mlp_gan` |
| 05, 06 | `dcgan` | `DCGenerator`, `DCDiscriminator` |
| 08, 09 | `lenet` | `LeNet5`, `LeNet5Of1998` |
| 08, 09 | `alexnet` | `AlexNet`, `AlexNetOf2012` |
| 08, 09 | `zfnet` | `ZFNet` |
| 08, 09 | `vgg` | `VGG` |
| 08, 09 | `inception` | `GoogLeNet` |
| 08, 09 | `resnet` | `ResNet`, `CifarResNet` |
| 10, 11 | `unet` | `UNet`, `UNetOf2015` |
| 11 | `rainnet`, `smaat_unet` | `RainNet`, `SmaAtUNet` |
| 11 | `convlstm` | `ConvLSTM`, `ConvLSTMCell`, `ConvLSTMForecaster` |
| 11 | `fc_lstm` | `FCLSTMForecaster` |

In every constructor `channels` are the image's, `widths` a list of layer widths, `width` one of
them, `scale` a factor of all, `latent` the size of a code and `classes` their number; all but the
first argument go by name. `seed` fixes the first weights; None takes them from the surrounding
`layers.seeded`. Used by every chapter but 07.
"""

from coursekit.models.alexnet import AlexNet, AlexNetOf2012
from coursekit.models.autoencoders import Autoencoder
from coursekit.models.convlstm import ConvLSTM, ConvLSTMCell, ConvLSTMForecaster
from coursekit.models.convolutional_autoencoders import ConvAutoencoder
from coursekit.models.convolutional_vae import DCVAE, ConditionalDCVAE
from coursekit.models.dcgan import DCDiscriminator, DCGenerator
from coursekit.models.fc_lstm import FCLSTMForecaster
from coursekit.models.gan import GAN, MLPDiscriminator, MLPGenerator, mlp_gan, simple_gan
from coursekit.models.inception import GoogLeNet
from coursekit.models.lenet import LeNet5, LeNet5Of1998
from coursekit.models.rainnet import RainNet
from coursekit.models.regularised_autoencoders import KSparseAutoencoder, TiedAutoencoder, k_sparse
from coursekit.models.resnet import CifarResNet, ResNet
from coursekit.models.semi_adversarial import SemiAdversarialAutoencoder
from coursekit.models.smaat_unet import SmaAtUNet
from coursekit.models.stacked_autoencoders import StackedAutoencoder
from coursekit.models.unet import UNet, UNetOf2015
from coursekit.models.vae import VAE, ConditionalVAE
from coursekit.models.vae_gan import VAEGAN
from coursekit.models.vgg import VGG
from coursekit.models.zfnet import ZFNet

__all__ = [
    "AlexNet",
    "AlexNetOf2012",
    "Autoencoder",
    "CifarResNet",
    "ConditionalDCVAE",
    "ConditionalVAE",
    "ConvAutoencoder",
    "ConvLSTM",
    "ConvLSTMCell",
    "ConvLSTMForecaster",
    "DCDiscriminator",
    "DCGenerator",
    "DCVAE",
    "FCLSTMForecaster",
    "GAN",
    "GoogLeNet",
    "KSparseAutoencoder",
    "LeNet5",
    "LeNet5Of1998",
    "MLPDiscriminator",
    "MLPGenerator",
    "RainNet",
    "ResNet",
    "SemiAdversarialAutoencoder",
    "SmaAtUNet",
    "StackedAutoencoder",
    "TiedAutoencoder",
    "UNet",
    "UNetOf2015",
    "VAE",
    "VAEGAN",
    "VGG",
    "ZFNet",
    "k_sparse",
    "mlp_gan",
    "simple_gan",
]
