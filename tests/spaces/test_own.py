"""A space from a file or module: found, checked, and refused with the file and what is wrong."""

import sys

import pytest

from designspaces.designs.complexity import complexity
from designspaces.spaces import SPACES
from designspaces.spaces.own import cost_of, load_origin, load_space

NARROW = """
from designspaces.spaces import SPACES
SPACE = SPACES["RegNetX"].with_(name="Narrow", width=(8, 64, 8), flops=(0, 3_000_000))
"""
BAD = {
    "import nothing_of_that_name\n": "does not import: ModuleNotFoundError",
    "SPACE = 1 +\n": "does not import: SyntaxError",
    "OTHER = 1\n": "has no SPACE; it has OTHER",
    "SPACE = 3\n": "is a int without name and draw",
    "from designspaces.spaces import SPACES\nSPACE = SPACES['RegNetX']\n": "named 'RegNetX'",
}


def write(folder, text, name="my_space.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return f"{path}:SPACE"


def test_a_space_of_a_file_draws_what_it_draws(tmp_path):
    where = write(tmp_path, NARROW)
    space = load_space(where)
    assert (space.name, space.origin["space"]) == ("Narrow", where)
    own = SPACES["RegNetX"].with_(name="Narrow", width=(8, 64, 8), flops=(0, 3_000_000))
    assert space.draw(3, 1) == own.draw(3, 1)
    network = space.draw(1)[0].architecture
    assert cost_of(network, 28) == complexity(network, 28)
    assert space.read(network.to_dict()) == network
    assert load_origin(space.origin) == space


def test_a_space_of_a_package_imports_its_neighbours_and_hangs_on_them(tmp_path, monkeypatch):
    folder = tmp_path / "mine_of_a_package"
    folder.mkdir()
    for name, text in {
        "__init__.py": "",
        "widths.py": "WIDTH = (8, 64, 8)\n",
        "space.py": NARROW.replace("from", "from .widths import WIDTH\nfrom", 1).replace(
            "(8, 64, 8)", "WIDTH"
        ),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    by_file = load_space(f"{folder / 'space.py'}:SPACE")
    monkeypatch.syspath_prepend(tmp_path)
    by_module = load_space("mine_of_a_package.space:SPACE")
    assert by_file.checksum == by_module.checksum
    assert by_file.draw(2) == by_module.draw(2)
    (folder / "widths.py").write_text("WIDTH = (8, 32, 8)\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"mine_of_a_package.space:SPACE has changed since its rec"
    ):
        load_origin(by_module.origin)
    with pytest.raises(ValueError, match=r"space.py:SPACE has changed since its records were made"):
        load_origin(by_file.origin)
    changed = load_space(by_file.where).draw(20)
    assert max(max(draw.architecture.widths) for draw in changed) <= 32


@pytest.mark.parametrize(
    "statement", ["from .{}", "from . import {}", "import {}", "from {}", "from a_package.{}"]
)
def test_a_checksum_hangs_on_what_a_space_imports_and_on_nothing_else(tmp_path, statement):
    """Through a neighbour's neighbour, too; a plan and tests beside them may change."""
    folder = tmp_path / "a_package"
    folder.mkdir()
    deep = statement.format("deep") + (" import WIDTH" if statement.startswith("from .{") else "")
    if statement.startswith(("from {", "from a")):
        deep += " import WIDTH"
    for name, text in {
        "__init__": "",
        "space": "from . import block\n" + NARROW,
        "block": f"try:\n    {deep}\nexcept ImportError:\n    pass\n",
        "deep": "WIDTH = 8\n",
        "plan": "from . import space\n",
        "test_space": "",
    }.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    where = f"{folder / 'space.py'}:SPACE"
    before = load_space(where).checksum
    for name in ("plan", "test_space"):
        (folder / f"{name}.py").write_text("CHANGED = 1\n", encoding="utf-8")
    assert load_space(where).checksum == before
    for name in ("deep", "__init__"):
        (folder / f"{name}.py").write_text("WIDTH = 16\n", encoding="utf-8")
        assert load_space(where).checksum != before
        before = load_space(where).checksum


@pytest.mark.parametrize(
    ("statement", "package", "neighbour"),
    [
        ("import a_neighbour", False, "a_neighbour.py"),
        ("from .parts.block import WIDTH", True, "parts/block.py"),
        ("from .parts import block", True, "parts/block.py"),
        ("from .parts import WIDTH", True, "parts/__init__.py"),
    ],
)
def test_a_checksum_hangs_on_neighbours_without_a_package_and_below_one(
    tmp_path, statement, package, neighbour
):
    (tmp_path / "parts").mkdir()
    for name in ("parts/__init__.py", "parts/block.py", "a_neighbour.py"):
        (tmp_path / name).write_text("WIDTH = 8\n", encoding="utf-8")
    if package:
        (tmp_path / "__init__.py").touch()
    text = f"try:\n    {statement}\nexcept ImportError:\n    pass\n"
    where = write(tmp_path, text + NARROW)
    before = load_space(where).checksum
    (tmp_path / neighbour).write_text("WIDTH = 16\n", encoding="utf-8")
    assert load_space(where).checksum != before


@pytest.mark.parametrize("name", ["my_space.py", "a_neighbour.py"])
def test_a_checksum_does_not_hang_on_the_line_ends_of_windows(tmp_path, name):
    (tmp_path / "__init__.py").touch()
    write(tmp_path, "WIDTH = 8\n", "a_neighbour.py")
    where = write(tmp_path, "from .a_neighbour import WIDTH\n" + NARROW)
    before = load_space(where).checksum
    path = tmp_path / name
    path.write_text(path.read_text("utf-8"), "utf-8", newline="\r\n")
    assert load_space(where).checksum == before


def test_a_module_that_changed_after_its_import_is_refused_until_it_is_as_it_was(
    tmp_path, monkeypatch
):
    write(tmp_path, NARROW, "mine_that_changes.py")
    monkeypatch.syspath_prepend(tmp_path)
    before = load_space("mine_that_changes:SPACE")
    write(tmp_path, NARROW.replace("64", "128"), "mine_that_changes.py")
    with pytest.raises(ValueError, match="has changed since it was imported; start Python anew"):
        load_space("mine_that_changes:SPACE")
    write(tmp_path, NARROW, "mine_that_changes.py")
    assert load_space("mine_that_changes:SPACE") == before


def test_a_package_that_fails_is_refused_the_second_time_as_well(tmp_path, monkeypatch):
    folder = tmp_path / "mine_half_made"
    folder.mkdir()
    write(folder, "raise RuntimeError('half made')\n", "__init__.py")
    where = write(folder, NARROW)
    monkeypatch.syspath_prepend(tmp_path)
    for _ in range(2):
        with pytest.raises(ValueError, match="does not import: RuntimeError: half made"):
            load_space(where)
        with pytest.raises(ValueError, match=r"half_made.my_space does not import: Runt.*half"):
            load_space("mine_half_made.my_space:SPACE")


def test_a_file_is_found_from_another_folder_by_the_end_of_its_path(tmp_path, monkeypatch):
    folder, other = tmp_path / "mine", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    write(folder, NARROW)
    monkeypatch.chdir(tmp_path)
    own = load_space("mine/my_space.py:SPACE")
    elsewhere = own.origin | {"space": f"{tmp_path / 'gone' / 'mine' / 'my_space.py'}:SPACE"}
    assert load_origin(elsewhere).draw(2) == own.draw(2)
    monkeypatch.chdir(folder)
    assert load_origin(own.origin).draw(2) == own.draw(2)
    monkeypatch.chdir(other)
    with pytest.raises(ValueError, match=r"there is no file mine/my_space.py in "):
        load_origin(own.origin)
    write(other, NARROW.replace("64", "128"))
    with pytest.raises(ValueError, match=r"there is no file mine/my_space.py in "):
        load_origin(own.origin)


def test_equal_sources_in_two_folders_stay_apart(tmp_path):
    """What differs lies beside them where no checksum looks: data, say."""
    found = []
    for name, width in (("one", 64), ("two", 32)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "width.txt").write_text(str(width))
        text = NARROW.replace("(8, 64, 8)", "(8, int(WIDTH), 8)")
        read = "from pathlib import Path\nWIDTH = (Path(__file__).parent / 'width.txt').read_text()"
        where = write(folder, f"{read}\n{text}", "space.py")
        found.append(max(max(d.architecture.widths) for d in load_space(where).draw(30)))
    assert found[0] > 32 >= found[1]


@pytest.mark.parametrize(("text", "fault"), BAD.items())
def test_what_is_no_space_is_refused_with_the_file(tmp_path, text, fault):
    where = write(tmp_path, text)
    with pytest.raises(ValueError, match=fault) as refused:
        load_space(where)
    assert "my_space.py" in str(refused.value)


def test_what_is_not_there_is_told(tmp_path):
    for where, fault in {
        f"{tmp_path / 'none.py'}:SPACE": "there is no file",
        "no_module_of_that_name:SPACE": "no module 'no_module_of_that_name'",
        "no_parent.module:SPACE": "no module",
        ":SPACE": "names nothing; expected FILE.py:NAME",
        "my_space.py:": "expected FILE.py:NAME",
    }.items():
        with pytest.raises(ValueError, match=fault):
            load_space(where)


def test_a_space_that_draws_nothing_or_what_cannot_be_built_is_named(tmp_path):
    empty = write(tmp_path, NARROW.replace("3_000_000", "1"), "empty.py")
    with pytest.raises(ValueError, match=r"empty.py:SPACE draws no networks: NotFound: Narrow"):
        load_space(empty).draw(2)
    odd = """
from types import SimpleNamespace
class Odd:
    name = "Odd"
    def draw(self, n, seed=0, *, resolution=None):
        return [SimpleNamespace(index=0, drawn={}, architecture=7)]
SPACE = Odd()
"""
    with pytest.raises(ValueError, match=r"odd.py:SPACE draws no networks: AttributeError"):
        load_space(write(tmp_path, odd, "odd.py")).draw(1)


OWN = """
from dataclasses import dataclass
from random import Random
import numpy as np
from designspaces.designs.complexity import Complexity
from designspaces.spaces.draw import Draw

@dataclass(frozen=True)
class Network:
    width: object
    def to_dict(self):
        return {{"kind": "own", "width": self.width}}
    def cost(self, resolution):
        return {cost}

class Space:
    name = {name!r}
    def draw(self, n, seed=0, *, resolution=None):
        lot = Random(seed)
        return [Draw(i, {drawn}, Network({width})) for i in {places}]
    def read(self, settings):
        return {read}

SPACE = {made}
"""
USUAL = {
    "name": "Own",
    "width": "lot.randrange(9)",
    "places": "range(n)",
    "drawn": "{}",
    "cost": "Complexity(1, 1, 1)",
    "read": "Network(settings['width'])",
    "made": "Space()",
}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"made": "Space"}, r"is a class; expected a space, such as SPACE\(\) makes"),
        ({"name": ""}, "is named ''; expected letters"),
        ({"name": "../evil"}, "is named '../evil'; expected letters"),
        ({"name": "a\nb"}, "expected letters"),
        ({"name": 3}, "is named 3; expected letters"),
    ],
)
def test_a_space_needs_a_name_that_a_file_can_bear(tmp_path, changed, fault):
    where = write(tmp_path, OWN.format(**USUAL | changed))
    with pytest.raises(ValueError, match=fault):
        load_space(where)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"places": "range(1)"}, "draws 1 networks at the places 0; expected 3, at the places"),
        ({"places": "range(5)"}, "draws 5 networks"),
        ({"places": "[0] * n"}, "at the places 0, 0, 0; expected 3, at the places 0 to 2"),
        ({"width": "np.int64(3)"}, r"network 0 has settings that no record .*int64"),
        ({"width": "float('nan')"}, "network 0 has settings that no record"),
        ({"width": "(1, 2)"}, r"what read\(settings\) makes of .* is not the network"),
        ({"width": "Random().random()"}, "draws other networks the second time from seed 0"),
        ({"width": "exit(3)"}, "draws no networks: SystemExit: 3"),
        ({"cost": "Complexity(1.0, 1, 1)"}, r"network 0 costs Complexity\(params=1.0, .*whole num"),
        (
            {"cost": "Complexity(1, 1, np.int64(1))"},
            "network 0 costs .*; expected a Complexity of whole",
        ),
        ({"width": "i", "cost": "Complexity(1, 1, 1 // (1 - self.width))"}, "ZeroDivisionError"),
        ({"drawn": "{'sizes': (1, 2)}"}, r"network 0, .*\(1, 2\)}, is .* expected lists, not tup"),
        ({"drawn": "{8: 1}"}, "what was drawn for network 0, .*, and texts as keys"),
        ({"width": "i", "read": "Network(0)"}, r"what read\(settings\) makes of .*'width': 1}"),
        ({"width": "i", "read": "Network([0][settings['width']])"}, "cannot read network 1 from"),
    ],
)
def test_what_a_training_would_find_out_too_late_is_found_before(tmp_path, changed, fault):
    where = write(tmp_path, OWN.format(**USUAL))
    assert len(load_space(where).draw(3)) == 3
    where = write(tmp_path, OWN.format(**USUAL | changed), "bad.py")
    with pytest.raises(ValueError, match=fault) as refused:
        load_space(where).draw(3)
    assert "bad.py" in str(refused.value)


@pytest.mark.parametrize(
    ("n", "resolution", "fault"),
    [
        (-1, 28, "^n is -1; expected an integer of at least 0"),
        (1, 0, "^resolution is 0; expected a positive integer"),
        (1, -28, "^resolution is -28; expected a positive integer"),
    ],
)
def test_what_is_no_number_of_networks_or_pixels_is_refused(tmp_path, n, resolution, fault):
    own = load_space(write(tmp_path, OWN.format(**USUAL)))
    with pytest.raises(ValueError, match=fault):
        own.draw(n, resolution=resolution)


def test_a_space_may_draw_one_network_after_another(tmp_path):
    text = OWN.format(**USUAL)
    found = [
        [draw.architecture.to_dict() for draw in load_space(write(tmp_path, each, name)).draw(3)]
        for name, each in {
            "at_once.py": text,
            "one_by_one.py": text.replace("return [Draw", "yield from [Draw"),
        }.items()
    ]
    assert found[0] == found[1]


def test_a_file_that_exits_is_refused_as_one_that_fails(tmp_path):
    with pytest.raises(ValueError, match="does not import: SystemExit: 0"):
        load_space(write(tmp_path, "raise SystemExit(0)\n"))


@pytest.mark.parametrize(
    "statement",
    [
        "from ..block import WIDTH",
        "from .. import block",
        "from a_house.block import WIDTH",
        "import a_house",
    ],
)
def test_a_checksum_hangs_on_the_package_around_a_module(tmp_path, monkeypatch, statement):
    for name, text in {
        "a_house/__init__.py": "",
        "a_house/block.py": "WIDTH = 8\n",
        "a_house/plan.py": "",
        "a_house/rooms/__init__.py": "",
        "a_house/rooms/space.py": f"{statement}\n{NARROW}",
        "block.py": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for module in [name for name in sys.modules if name.startswith("a_house")]:
        monkeypatch.delitem(sys.modules, module)
    origin = load_space("a_house.rooms.space:SPACE").origin
    for other in ("a_house/plan.py", "block.py"):
        (tmp_path / other).write_text("OTHER = 1\n", encoding="utf-8")
    assert load_origin(origin).origin == origin
    changed = "__init__.py" if statement == "import a_house" else "block.py"
    (tmp_path / "a_house" / changed).write_text("WIDTH = 16\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a_house.rooms.space:SPACE has changed since its records"):
        load_origin(origin)


def test_a_source_that_changed_is_not_run(tmp_path):
    origin = load_space(write(tmp_path, NARROW)).origin
    write(tmp_path, "raise SystemExit('it ran')\n")
    with pytest.raises(
        ValueError, match="my_space.py:SPACE has changed since its records were made"
    ):
        load_origin(origin)


def test_what_is_not_made_yet_is_no_space(tmp_path):
    with pytest.raises(ValueError, match="my_space.py:SPACE is None: there is no such space, or"):
        load_space(write(tmp_path, "SPACE = None\n"))


def test_a_space_may_say_its_resolution(tmp_path):
    assert load_space("designspaces.experiments.stages.space:TWO_STAGES").resolution == 96
    assert load_space(write(tmp_path, NARROW)).resolution == 28
