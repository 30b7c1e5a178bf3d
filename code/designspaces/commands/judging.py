"""Say what populations tell of claims, of a plan of one's own, or of each other."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from designspaces.commands.populations import population_files
from designspaces.populations.population import FOLDER, Population


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    parser = command("claims", claims, "the paper's claims and what the populations say of them")
    parser.add_argument(
        "--folder",
        type=Path,
        help="the package's own populations by default; with --plan, populations",
    )
    parser.add_argument("--plan", metavar="FILE.py:NAME", help="a plan of your own, or MODULE:NAME")

    parser = command("compare", compare, "hold two folders of populations against each other")
    parser.add_argument("folders", type=Path, nargs=2, metavar="FOLDER")
    parser.add_argument("--margin", type=float, help="points below which nothing matters")
    parser.add_argument("--out", type=Path, default=Path("comparison"), help="for the figures")


def claims(options: Namespace) -> None:
    """Print each claim of the paper with what was measured, the sizes of the samples, the p-value
    (Holm-corrected for the primary claims) and the verdict.
    """
    if options.plan:
        return _own_claims(options)
    from designspaces.judging.claims import evaluate
    from designspaces.judging.telling import circumstances, told_verdict
    from designspaces.spaces import SPACES

    population = Population.load(*population_files(options.folder or FOLDER))
    if len(population) and not any(record.space in SPACES for record in population):
        raise ValueError(
            f"{options.folder} has no networks of the spaces that the paper's claims are about; "
            "name a plan of yours by --plan"
        )
    for finding in evaluate(population).values():
        claim = finding.claim
        print(f"{claim.id} ({claim.family}): {claim.text} [{claim.source}]")
        measured = "; ".join([finding.measured, *circumstances(finding)])
        print(f"    {told_verdict(finding)}: {measured}")


def _own_claims(options: Namespace) -> None:
    from designspaces.judging.answer_tables import table
    from designspaces.judging.study import NOT_YET, counts, evaluate, fingerprint, load_plan

    plan = load_plan(options.plan)
    folder = options.folder or Path("populations")
    population = Population.load(*population_files(folder))
    signed = plan.signed or "no, so this is exploratory"
    print(f"plan {fingerprint(plan)}, signed: {signed}; networks of {folder}")
    rows = table(evaluate(population, plan))
    for row in rows:
        print(f"{row['claim']} ({row['family']})")
        print(f"    {row['verdict']}: {row['number']}; {row['networks']} networks")
    if any(row["verdict"] == NOT_YET for row in rows):
        planned = Population(r for r in population if r.index < plan.n.get(r.space, 0))
        for row in counts(planned, plan.n):
            spread = row["spread"]
            print(
                f"{row['population']}: {row['trained']} of {row['planned']} networks"
                + (f", spread {spread:.2f} points" if spread is not None else "")
                + f", {row['failed']} diverged or went astray"
            )


def compare(options: Namespace) -> None:
    """Print, for each space of both folders or for the only one of each, the difference of capped
    means with an interval and its verdict, medians, the chance that one is better and the
    Kolmogorov-Smirnov distance; write the EDFs and the shift as figures.
    """
    from designspaces.figures.evidence import edfs_file, shift_file
    from designspaces.files import atomic
    from designspaces.judging import comparison

    if options.out.exists() and not options.out.is_dir():
        raise ValueError(f"--out is {options.out}, a file; expected a folder")
    first, second = (Population.load(*population_files(folder)) for folder in options.folders)
    found = comparison.compare(
        first, second, margin=options.margin, names=tuple(map(str, options.folders))
    )
    print("\n".join(comparison.lines(found)))
    options.out.mkdir(parents=True, exist_ok=True)
    for both in found.spaces:
        name = both.a if both.a == both.b else f"{both.a} to {both.b}"
        labels = [f"{options.folders[0]}: {both.a}", f"{options.folders[1]}: {both.b}"]
        for kind, text in {
            "edf": edfs_file(name, (both.a, both.b), dict(zip(labels, both.errors, strict=True))),
            "shift": shift_file(name, both.shift, found.margin),
        }.items():
            path = options.out / f"{kind}-{name.replace(' ', '-')}.svg"
            with atomic(path) as temporary:
                temporary.write_text(text, "utf-8")
            print(path)
