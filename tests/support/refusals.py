"""What a call says when it is given bad input; a warning counts as an error of the test."""

import warnings

import pytest


def refusal(call, *args, **kwargs) -> str:
    """The message of the ValueError that the call raises."""
    with warnings.catch_warnings(), pytest.raises(ValueError) as caught:
        warnings.simplefilter("error")
        call(*args, **kwargs)
    return str(caught.value)


def outcome(call, *args, **kwargs):
    """What the call returns, or None for a ValueError that says what was expected."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call(*args, **kwargs)
        except ValueError as error:
            message = str(error)
    assert "expected" in message
    return None
