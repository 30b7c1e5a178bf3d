"""Keep a network with its weights in one file that holds numbers and no code: safetensors."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from designspaces.designs.architecture import Architecture
from designspaces.designs.published import PUBLISHED
from designspaces.files import atomic
from designspaces.networks.anynet import AnyNet
from designspaces.networks.tensors import (
    WRAPPERS,
    check_tensors,
    plain_name,
    plain_state,
    published_name,
    torchvision_names,
)

CHANGED = "the network cannot be built again from its architecture: its layers were changed"


def save(network: AnyNet, path: Path) -> None:
    """Write the architecture and all tensors of `network`; a file that stood there is replaced.

    network: as it was built, or wrapped by torch.compile or DataParallel.
    Raises ValueError, and leaves what stood there, for anything that `load` would not give back:
    another kind of network, or one whose layers were changed after it was built.
    """
    network = _unwrapped(network)
    architecture = getattr(network, "architecture", None)
    if not isinstance(network, nn.Module) or not isinstance(architecture, Architecture):
        raise ValueError(
            f"network is a {type(network).__name__}; expected an AnyNet, wrapped by torch.compile "
            "or DataParallel or not"
        )
    state = plain_state(network.state_dict())
    options = _options(state)
    _check_unchanged(network, state, _blank(architecture, **options))
    network_as_text = json.dumps({"architecture": architecture.to_dict(), **options})
    tensors = {name: value.cpu().contiguous() for name, value in state.items()}
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
            # clones, for in a file tensors lie at odd addresses, where the last digits may differ
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        options = json.loads(metadata["network"])
        architecture = Architecture.from_dict(options.pop("architecture"))
        network = _blank(architecture, **options)
    except (SafetensorError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} is not a network saved by designspaces.networks.weights.save: {error!r}"
        ) from error
    return _filled(network, plain_state(tensors))


def load_tensors(network: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Copy a state dict into a network, all of it or nothing.

    Either may come from a network that torch.compile or DataParallel wraps. Raises ValueError for
    what is no state dict, and naming the tensors that are missing, unknown or of another shape.
    """
    state, own = plain_state(state), network.state_dict()
    check_tensors(state, plain_state(own), "this network")
    network.load_state_dict({name: torch.as_tensor(state[plain_name(name)]) for name in own})


def from_torchvision(name: str, state: Mapping[str, torch.Tensor]) -> AnyNet:
    """A published RegNet with the weights of torchvision's, in evaluation mode.

    name: of torchvision's builder, such as "regnet_y_400mf"; one of the eleven networks that
        torchvision builds as the paper does.
    state: that network's `state_dict()`, pretrained or not, wrapped by DataParallel or not.

    Raises ValueError for another name, for what is no state dict, and for tensors that are missing,
    unknown or of another shape, naming them as torchvision does.
    """
    architecture = PUBLISHED[published_name(name)].architecture
    state = plain_state(state)
    shape = tuple(state["fc.bias"].shape) if "fc.bias" in state else ()
    network = _blank(architecture, num_classes=shape[0] if len(shape) == 1 else 1000, in_channels=3)
    theirs = torchvision_names(network.state_dict())
    expected = {theirs[key]: value for key, value in network.state_dict().items()}
    check_tensors(state, expected, f"torchvision's {name}")
    tensors = {
        ours: torch.as_tensor(state[key]).detach().to("cpu", copy=True)
        for ours, key in theirs.items()
    }
    return _filled(network, tensors)


def _unwrapped(network: nn.Module) -> nn.Module:
    """The network itself: torch.compile and DataParallel wrap it, perhaps one in the other."""
    parts = dict(getattr(network, "_modules", {}))
    if len(parts) == 1 and (name := next(iter(parts))) in WRAPPERS:
        return _unwrapped(parts[name])
    return network


def _options(state: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """What was given to AnyNet beside the architecture, as its tensors tell."""
    stem, head = (state.get(f"net.{name}.weight") for name in ("stem.0.conv", "head.2"))
    if stem is None or head is None or not len(head):
        raise ValueError(f"{CHANGED}; its stem or its head has another layer")
    return {
        "num_classes": len(head),
        "in_channels": stem.shape[1],
        "conv_bias": "net.stem.0.conv.bias" in state,
    }


def _check_unchanged(network: nn.Module, state: Mapping[str, torch.Tensor], fresh: AnyNet) -> None:
    """Raise ValueError unless `network` has the tensors and the layers of `fresh`."""
    try:
        check_tensors(state, fresh.state_dict(), "a fresh one")
    except ValueError as error:
        raise ValueError(f"{CHANGED}; {error}") from None
    found, expected = _layers(network), _layers(fresh)
    for name in expected | found:
        if found.get(name) != expected.get(name):
            raise ValueError(
                f"{CHANGED}; {name} is {found.get(name, 'missing')}, expected "
                f"{expected.get(name, 'nothing there')}"
            )


def _layers(network: nn.Module) -> dict[str, str]:
    """Each layer by its plain name, as text: its kind and its settings."""
    return {  # what is wrapped comes behind its wrapper, and takes its place
        plain_name(name): f"{type(layer).__name__}({layer.extra_repr()})"
        for name, layer in network.named_modules()
        if name
    }


def _blank(architecture: Architecture, **options) -> AnyNet:
    """A network without memory for its weights, so that no random number is drawn for them."""
    with torch.device("meta"):
        return AnyNet(architecture, **options)


def _filled(network: AnyNet, state: Mapping[str, torch.Tensor]) -> AnyNet:
    """A blank network with these tensors, in their precision and in evaluation mode."""
    check_tensors(state, network.state_dict(), "this network")
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:  # of a tensor of integers, for example
        raise ValueError(f"these are not the tensors of this network; {error}") from error
    return network.eval()
