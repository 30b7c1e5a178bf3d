"""The SVG files in figures/ that code writes: `python -m designspaces figures`."""

from designspaces.claims import CLAIMS, evaluate, headline
from designspaces.figures_populations import edf_file
from designspaces.plots import staircase
from designspaces.population import Population
from designspaces.regnet import PUBLISHED
from designspaces.spaces import SPACES

CONTROLS = {
    "edf-widths.svg": ("Widths: rising, equal, falling", "AnyNetX_D", "AnyNetX_C_"),
    "edf-depths.svg": ("Depths: rising, equal, falling", "AnyNetX_E", "AnyNetX_D_"),
}


def standalone_figures() -> dict[str, str]:
    """The files' texts by their names, from the recorded populations."""
    population = Population.recorded()
    contrasts = [claim for claim in CLAIMS if claim.family == "primary"]
    files = {"staircase.svg": staircase(PUBLISHED["RegNetX-400MF"])}
    for finding in evaluate(population, contrasts).values():
        name, rule = f"edf-{finding.claim.id}.svg".lower(), finding.claim.rule
        files[name] = edf_file(population, headline(finding), (rule.a, rule.b), name[:-4])
    for name, (title, space, controls) in CONTROLS.items():
        spaces = [space, *(one for one in SPACES if one.startswith(controls))]
        files[name] = edf_file(population, title, spaces, name[:-4])
    return files
