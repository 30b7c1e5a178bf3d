"""python -m designspaces: find the data, train the book's networks, sample and sweep spaces."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence

from designspaces.commands import figures, judging, populations, spaces, sweeping, training
from designspaces.needs import EXTRAS, advice
from designspaces.populations.executors import TrainingFailed, WorkerDied


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2 for input that cannot be used)."""
    # Threads sleep while they wait for each other: where they spin, one busy process of another
    # terminal session slows a training tenfold. Read once, when a command loads torch.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            options.run(options)
            sys.stdout.flush()
    except BrokenPipeError:
        # whoever reads what is printed has enough; nor shall the last flush complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, WorkerDied, TrainingFailed) as error:
        print(f"designspaces: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        print(f"designspaces: {advice(error.name)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        on = options.resumes and not getattr(options, "fresh", False)
        more = "; the same command goes on from here" * on
        print(f"designspaces: interrupted{more}", file=sys.stderr)
        return 130
    return 0


def _warn(message: Warning, *_, **__) -> None:
    print(f"designspaces: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="designspaces", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: Callable, brief: str, *, resumes: bool = False
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=brief, description=run.__doc__)
        added.set_defaults(run=run, resumes=resumes)
        return added

    for module in (training, spaces, sweeping, populations, figures, judging):
        module.declare(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
