"""What a call says when it refuses its input."""


def refusal(call, *arguments, **options) -> str:
    """The message of the ValueError that `call` must raise; AssertionError where it raises none."""
    try:
        call(*arguments, **options)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{call} refused nothing; given {arguments} and {options}")
