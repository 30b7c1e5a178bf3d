"""Turn the notebooks that a full build executed into chapters/*.ipynb, for Colab and GitHub.

    PYTHONPATH=tools python -m notebooks [BUILD]      BUILD: _build/full/_build

The chapters are MyST; Colab shows its directives and roles raw, so they become plain Markdown
here, and references to other pages become links to the book. Figures become PNG, those of the text
as attachments. The first code cell is added: it installs the package where it is missing. All other
outputs stay as the build left them. The same build gives the same bytes.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""
