"""What a call says when it is given bad input; a warning of the package counts as an error."""

import warnings


def refusal(call, *arguments, **options) -> str:
    """The message of the ValueError that `call` must raise; AssertionError where it raises none."""
    try:
        _strictly(call, *arguments, **options)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{call} refused nothing; given {arguments} and {options}")


def outcome(call, *arguments, **options):
    """What the call returns, or None for a ValueError that says what was expected."""
    try:
        return _strictly(call, *arguments, **options)
    except ValueError as error:
        message = str(error)
    assert "expected" in message
    return None


def _strictly(call, *arguments, **options):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="designspaces")
        return call(*arguments, **options)
