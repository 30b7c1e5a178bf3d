"""The SVG files in figures/ that code writes: `python -m designspaces figures`."""

from designspaces.designs.published import PUBLISHED
from designspaces.figures.networks import staircase
from designspaces.figures.populations import edf_file
from designspaces.judging.claims import CONTROLS, PRIMARY, evaluate
from designspaces.judging.telling import controls_headline, headline
from designspaces.populations.population import Population
from designspaces.spaces import SPACES

TURNED = {"widths": ("D", "C"), "depths": ("E", "D")}
"""The rule that controls turn round: the space with it, and the space that they start from."""


def standalone_figures() -> dict[str, str]:
    """The files' texts by their names, from the recorded populations."""
    population = Population.recorded()
    findings = evaluate(population, (*PRIMARY, *CONTROLS))
    files = {"staircase.svg": staircase(PUBLISHED["RegNetX-400MF"])}
    for claim in PRIMARY:
        name, rule = f"edf-{claim.id}".lower(), claim.rule
        title = headline(findings[claim.id])
        files[f"{name}.svg"] = edf_file(population, title, (rule.a, rule.b), name)
    for rule, (space, start) in TURNED.items():
        title = controls_headline(findings, start, rule)
        controls = [name for name in SPACES if name.startswith(f"AnyNetX_{start}_")]
        spaces = [f"AnyNetX_{space}", *controls]
        files[f"edf-{rule}.svg"] = edf_file(population, title, spaces, f"edf-{rule}")
    return files
