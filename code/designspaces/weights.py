"""Keep a network with its weights in one file that holds numbers and no code: safetensors."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from designspaces.anynet import AnyNet
from designspaces.architecture import Architecture
from designspaces.files import atomic


def save(network: AnyNet, path: Path) -> None:
    """Write the architecture and all tensors of `network`; a file that stood there is replaced."""
    stem, linear = network.net.stem[0].conv, network.net.head[2]
    options = {
        "num_classes": linear.out_features,
        "in_channels": stem.in_channels,
        "conv_bias": stem.bias is not None,
    }
    network_as_text = json.dumps({"architecture": network.arch.to_dict(), **options})
    tensors = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata={"network": network_as_text})


def load(path: Path) -> AnyNet:
    """The network that `save` wrote, on the CPU and in evaluation mode.

    Raises ValueError for a file that is not one, and for tensors that do not belong to its
    architecture, naming them; FileNotFoundError where there is none.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        options = json.loads(metadata["network"])
        architecture = Architecture.from_dict(options.pop("architecture"))
        network = AnyNet(architecture, **options)
    except (SafetensorError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} is not a network saved by designspaces.weights.save: {error!r}"
        ) from error
    network.load_tensors(tensors)
    return network.eval()
