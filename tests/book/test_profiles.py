"""The profile decides how much a chapter trains; an unknown one is refused."""

import pytest

from designspaces.book import profiles
from designspaces.book.profiles import current_profile


@pytest.mark.parametrize("name", ["full", "quick"])
def test_the_environment_names_the_profile(monkeypatch, name):
    monkeypatch.setenv("BOOK_PROFILE", name)
    assert current_profile() == name


@pytest.mark.parametrize(("device", "expected"), [("cpu", "quick"), ("cuda", "full")])
def test_unset_the_device_decides(monkeypatch, device, expected):
    import torch

    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    monkeypatch.setattr(profiles, "best_device", lambda: torch.device(device))
    assert current_profile() == expected


@pytest.mark.parametrize("name", ["fast", ""])
def test_an_unknown_profile_is_refused_with_the_known_ones(monkeypatch, name):
    monkeypatch.setenv("BOOK_PROFILE", name)
    with pytest.raises(ValueError, match="is '.*'; expected one of full, quick"):
        current_profile()
