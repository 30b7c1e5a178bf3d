"""What a training shows in the terminal while it runs."""

from typing import Self

from tqdm import tqdm


class EpochBar:
    """Progress in the terminal: a bar with the time left, and one line an epoch."""

    def __init__(self, steps: int, epochs: int, done: int, *, show: bool):
        self.epochs = epochs
        if show and done:
            tqdm.write(f"going on after epoch {done} of {epochs}")
        self.bar = tqdm(total=steps * epochs, initial=steps * done, unit="batch", disable=not show)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()

    def advance(self, steps: int, loss: float) -> None:
        self.bar.set_postfix_str(f"loss {loss:.3f}", refresh=False)
        self.bar.update(steps)

    def end_epoch(self, done: int, report: str, seconds: float) -> None:
        """Print a line for the epoch just `done`; `seconds` is what all of them took so far."""
        if self.bar.disable:
            return
        left = seconds / done * (self.epochs - done) / 60
        self.bar.write(f"epoch {done:>2}/{self.epochs}: {report}, {left:.1f} minutes left")
