"""`{explorer}`: the RegNet explorer as a figure of a page that runs no code.

    ```{explorer} RegNetX-400MF
    :name: fig-explorer

    A caption.
    ```

The package draws it when the page is read, which every build does. A preview, which knows no
numpy, says what is missing.
"""

from __future__ import annotations

import os
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from rerun import profile_of

MISSING = "The explorer is not in this preview: `make book` draws it."


def drawn(name: str) -> nodes.Node:
    """The explorer that begins with the network `name`; where it cannot be drawn, that."""
    try:
        from designspaces.figures.explorers.regnet import explore
        from designspaces.populations.population import Population

        explorer = explore(name, Population.recorded())
    except ImportError:
        if profile_of(os.environ) != "preview":
            raise
        return nodes.paragraph(MISSING, MISSING)
    return nodes.raw("", explorer.html(), format="html")


class ExplorerFigure(SphinxDirective):
    """A figure with the explorer that begins with the network named; its content is the caption."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # the package and its records change
        figure = nodes.figure("", drawn(self.arguments[0]), align="default")
        self.set_source_info(figure)
        self.add_name(figure)
        said, *more = self.parse_content_to_nodes()
        if more or not isinstance(said, nodes.paragraph):
            raise self.error("an explorer's content is its caption: one paragraph")
        figure += nodes.caption(said.rawsource, "", *said.children)
        return [figure]


def setup(app) -> dict[str, object]:
    app.add_directive("explorer", ExplorerFigure)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
