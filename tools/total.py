"""Add up pytest's reports: `N passed, N failed, N skipped` over all runs of `make test`."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def total(folder: Path) -> dict[str, int]:
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for path in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(path).iter("testsuite"):
            for name in counts:
                counts[name] += int(suite.get(name, 0))
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    return {"passed": passed, "failed": failed, "skipped": counts["skipped"]}


if __name__ == "__main__":
    found = total(Path(sys.argv[1]))
    print(", ".join(f"{number} {name}" for name, number in found.items()))
    sys.exit(bool(found["failed"]) or not found["passed"])
