"""The reference says what Python itself says about the package, and leaves no public name out."""

import dataclasses
import importlib
import inspect
import re
from functools import cached_property
from pathlib import Path

import pytest

from designspaces.book import reference as documentation
from designspaces.needs import EnvironmentProblem

CHAPTERS = Path(__file__).parents[2] / "chapters"
ROOMS = tuple(room for room in documentation.ROOMS if room not in documentation.WINGS)
NOT_IMPORTED = ("book.d2l", "__main__", "__init__")
IMPORTABLE = [name for name in documentation.modules() if name not in NOT_IMPORTED]
RECORDED = {
    "Recipe": "training.recipe",
    "Epoch": "training.history",
    "History": "training.history",
    "Record": "populations.record",
}


def public(module) -> dict[str, object]:
    return {
        name: thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
    }


def load(name: str):
    try:
        return importlib.import_module(f"designspaces.{name}")
    except ModuleNotFoundError as error:
        if error.name.startswith("designspaces"):
            raise
        pytest.skip(f"needs {error.name}")
    except EnvironmentProblem as problem:
        pytest.skip(str(problem))


def made_by_the_package(kind: type) -> bool:
    """Whether its arguments are the package's own, not those of a base from elsewhere."""
    if getattr(kind, "_is_protocol", False):
        return False
    owner = next(base for base in kind.__mro__ if "__init__" in vars(base) or base is object)
    return owner.__module__.startswith("designspaces") or hasattr(kind, "_fields")


def signatures(text: str) -> dict[str, list[str]]:
    """Name -> names of the arguments, of each signature in a reference."""
    found = {}
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        code = "".join(line for line in block.splitlines(True) if not line.startswith("@"))
        match = re.match(r"(?:class )?([\w.]+)\((.*)\)", code, re.S)
        if match:
            depth, names, word = 0, [], ""
            for letter in match[2] + ",":
                depth += (letter in "([{") - (letter in ")]}")
                if letter == "," and depth == 0:
                    names.append(re.match(r"\W*(\w*)", word)[1])
                    word = ""
                else:
                    word += letter
            found[match[1]] = [name for name in names if name]
    return found


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_public_name_stands_with_the_arguments_that_python_sees(name):
    module = load(name)
    shown = signatures(documentation.reference(name))
    for public_name, thing in public(module).items():
        if inspect.isclass(thing) and not made_by_the_package(thing):
            assert public_name in shown
            continue
        # flax's metaclass hides the signature, and its linen adds two arguments of its own
        ours = inspect.isclass(thing) and "frameworks" in name
        constructor = thing.__init__ if ours else thing
        hidden = {"self", "parent", "name"} if "linen" in name else {"self"}
        parameters = inspect.signature(constructor).parameters
        arguments = [argument for argument in parameters if argument not in hidden]
        assert shown[public_name] == arguments, public_name


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_public_method_stands_too(name):
    text = documentation.reference(name)
    for owner, kind in public(load(name)).items():
        if not inspect.isclass(kind):
            continue
        for method, thing in vars(kind).items():
            # a field whose default is a function is none of its methods
            own = inspect.isfunction(thing) and thing.__qualname__ == f"{owner}.{method}"
            documented = own or isinstance(thing, (property, cached_property, classmethod))
            if documented and not method.startswith("_"):
                assert f"{owner}.{method}" in text


@pytest.mark.parametrize("name", IMPORTABLE)
def test_no_word_of_a_docstring_is_lost(name):
    text = documentation.reference(name)
    shown = set(re.findall(r"\w+", text))
    for thing in [load(name), *public(load(name)).values()]:
        # a dataclass without a docstring gets its signature for one
        written = thing.__doc__ or ""
        if not written.startswith(f"{getattr(thing, '__name__', '')}("):
            assert set(re.findall(r"\w+", written)) <= shown


def test_the_modules_of_torch_and_d2l_are_read_without_importing_them():
    assert "class FashionMNIST(" in documentation.reference("book.d2l")
    assert "main(" in documentation.reference("__main__")
    assert "check(name: str, answer: object, seed: int | None = None)" in documentation.reference(
        "__init__"
    )


def test_each_purpose_is_one_sentence():
    for name in documentation.modules():
        assert re.fullmatch(r"[^\n]{10,160}[.]", documentation.purpose(name)), name


def test_an_unknown_module_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"no module 'statistic'.*architecture"):
        documentation.reference("statistic")


def test_every_module_is_found_in_its_room():
    package = Path(documentation.PACKAGE)
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms == set(documentation.ROOMS) - {""}
    listed = documentation.modules()
    assert len(set(listed)) == len(listed)
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        inner = bool({"exercises", "template"} & {*parts[:-1]}) and parts[-1] != "__init__"
        assert (name in listed) != inner, name
    assert documentation.modules("spaces")[0] == "spaces"
    assert set(documentation.modules("spaces")) == {n for n in listed if n.startswith("spaces")}


def test_the_overview_links_to_what_the_sections_say():
    links = re.findall(r'href="(.*?)#([^"]+)"', documentation.overview())
    for page, module in links:
        wing = module.removeprefix("module-").split(".")[0] in documentation.WINGS
        assert page == ("wings.html" if wing else "")
    linked = [module for _, module in links]
    page = "".join(documentation.section(room) for room in documentation.ROOMS)
    assert linked == re.findall(r'id="([^"]+)"', page)
    assert linked == [f"module-{name}" for name in documentation.modules()]


def test_a_section_has_each_module_of_its_room_and_no_other():
    text = documentation.section("training")
    for name in documentation.modules():
        assert (documentation.reference(name) in text) == name.startswith("training")
    with pytest.raises(ValueError, match=r"no room 'cellar'; expected one of 'designs'"):
        documentation.section("cellar")


@pytest.mark.parametrize(
    ("page", "rooms", "first"), [("api", ROOMS, 1), ("wings", documentation.WINGS, 0)]
)
def test_each_page_has_a_section_for_each_of_its_rooms_in_order(page, rooms, first):
    text = (CHAPTERS / f"{page}.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r'section\("(\w*)"\)', text)) == rooms
    titles = re.findall(r"^## ([^`\n]+)(?:: `(\w+)`)?$", text, re.M)
    assert tuple(room for _, room in titles) == rooms
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```$", text, re.M | re.S)
    assert len(cells) == first + len(rooms)
    assert all(cell.count("\n") <= 2 for cell in cells[1:]), "a tag and a line"


@pytest.mark.parametrize(
    ("docstring", "markdown"),
    [
        ("One.\nTwo.", "One. Two."),
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("One.\nRaises ValueError\nfor two.", "One.\n\nRaises ValueError for two."),
        ("size: of it\n    all.\ncount, n: more.", "- `size`: of it all.\n- `count`, `n`: more."),
        ("seed: one.\n\nLater: two.", "- `seed`: one.\n\nLater: two."),
        ("n: how many. All of\nthem.", "- `n`: how many. All of them."),
        ("n: one. a, b:\nboth of\nthem.", "- `n`: one.\n- `a`, `b`: both of them."),
        ("n: one.\nk: of n: two.", "- `n`: one.\n- `k`: of n: two."),
        ("n: one. Raises\nTooFew.", "- `n`: one.\n\nRaises TooFew."),
        ("Of two. n: one.", "Of two. n: one."),
        ("Fewer than n in the\nbands: too few.", "Fewer than n in the bands: too few."),
        ("    code(1)\n    code(2)", "```text\ncode(1)\ncode(2)\n```"),
        ("one    first\nother  second", "```text\none    first\nother  second\n```"),
        ("- one\n  more\n- two", "- one more\n- two"),
        ("w_0 * w_m in <here>, `a*b`", r"w_0 \* w_m in \<here>, `a*b`"),
        ("", ""),
    ],
)
def test_docstrings_become_markdown(docstring, markdown):
    assert documentation.prose(docstring) == markdown


def test_no_description_of_an_argument_breaks_off():
    for room in documentation.ROOMS:
        found = re.findall(r"^- `.*", documentation.section(room), re.M)
        assert [line for line in found if line[-1] not in ".:"] == []


def test_long_signatures_get_a_line_for_each_argument():
    text = documentation.reference("networks.anynet")
    assert max(len(line) for block in text.split("```")[1::2] for line in block.split("\n")) <= 90
    assert "    *,\n    in_channels: int = 1,\n" in text


@pytest.mark.parametrize("name", RECORDED)
def test_each_recorded_field_has_a_meaning(name):
    kind = getattr(importlib.import_module(f"designspaces.{RECORDED[name]}"), name)
    fields = [field.name for field in dataclasses.fields(kind)]
    assert list(documentation.meanings(kind)) == fields
    text = documentation.data_dictionary(kind)
    assert "not described" not in text
    assert re.findall(r"^- `(\w+)`", text, re.M) == fields
    assert all(
        re.fullmatch(r"\w.{4,}[.]", meaning) for meaning in documentation.meanings(kind).values()
    )


def test_meanings_are_the_entries_of_a_docstring():
    class Sized:
        """What has a size.

        width, height: in pixels,
            at least 1.
        name: of it, in
        letters. kind: one of
        two.

        Raises ValueError for a bad one.
        """

    assert documentation.meanings(Sized) == {
        "width": "in pixels, at least 1.",
        "height": "in pixels, at least 1.",
        "name": "of it, in letters.",
        "kind": "one of two.",
    }


def test_a_field_that_nobody_described_says_so():
    kind = dataclasses.make_dataclass("Unheard", [("size", int), ("names", "list[str]")])
    text = documentation.data_dictionary(kind)
    assert text == "- `size` (int): not described\n- `names` (list[str]): not described"
