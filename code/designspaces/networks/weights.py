"""Keep a network with its weights in one file that holds numbers and no code: safetensors."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from designspaces.designs.architecture import Architecture
from designspaces.designs.published import PUBLISHED
from designspaces.files import atomic
from designspaces.networks.anynet import AnyNet
from designspaces.networks.tensors import check_tensors
from designspaces.networks.torchvision_names import published_name, torchvision_names


def save(network: AnyNet, path: Path) -> None:
    """Write the architecture and all tensors of `network`; a file that stood there is replaced."""
    stem, linear = network.net.stem[0].conv, network.net.head[2]
    options = {
        "num_classes": linear.out_features,
        "in_channels": stem.in_channels,
        "conv_bias": stem.bias is not None,
    }
    network_as_text = json.dumps({"architecture": network.architecture.to_dict(), **options})
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
            f"{path} is not a network saved by designspaces.networks.weights.save: {error!r}"
        ) from error
    load_tensors(network, tensors)
    return network.eval()


def load_tensors(network: AnyNet, state: Mapping[str, torch.Tensor]) -> None:
    """Copy a state dict into a network, all of it or nothing.

    Raises ValueError naming each tensor that is missing, unknown or of another shape.
    """
    check_tensors(
        {name: value.shape for name, value in state.items()},
        {name: value.shape for name, value in network.state_dict().items()},
        "this network",
    )
    network.load_state_dict(state)


def from_torchvision(name: str, state: Mapping[str, torch.Tensor]) -> AnyNet:
    """A published RegNet with the weights of torchvision's, in evaluation mode.

    name: of torchvision's builder, such as "regnet_y_400mf"; one of the eleven networks that
        torchvision builds as the paper does.
    state: that network's `state_dict()`, pretrained or not.

    Raises ValueError for another name, and for tensors that are missing, unknown or of another
    shape, naming each as torchvision does.
    """
    architecture = PUBLISHED[published_name(name)].architecture
    classes = state["fc.bias"].shape[0] if "fc.bias" in state else 1000
    network = AnyNet(architecture, classes, in_channels=3)
    theirs = torchvision_names(network.state_dict())
    check_tensors(
        {key: value.shape for key, value in state.items()},
        {theirs[key]: value.shape for key, value in network.state_dict().items()},
        f"torchvision's {name}",
    )
    network.load_state_dict({ours: state[key] for ours, key in theirs.items()})
    return network.eval()
