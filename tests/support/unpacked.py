"""What an EDF explorer has of its networks, as its script unpacks it."""

from designspaces.figures.explorers.frame import Explorer


def networks_of(explorer: Explorer, which: int) -> list[dict]:
    """The networks of the curve at this place, by field."""
    data = explorer.data
    counts = [curve["n"] for curve in data["curves"]]
    first = sum(counts[:which])
    assert {len(column) for column in data["columns"]} <= {sum(counts)}
    rows = list(zip(*data["columns"], strict=True))[first : first + counts[which]]
    return [dict(zip(data["fields"], row, strict=True)) for row in rows]
