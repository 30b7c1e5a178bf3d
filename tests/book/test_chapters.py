"""The chapters' code is short and fits the page; their prose agrees with the data."""

import ast
import re
import statistics
import tomllib
from pathlib import Path

import pytest

import prose
from designspaces.experiments.convnext import plan as convnext
from designspaces.experiments.mlps import plan as mlps
from designspaces.experiments.plain import plan as plain
from designspaces.experiments.stages import plan as stages
from designspaces.experiments.violations import plan as violations
from designspaces.judging import plan, regimes, study
from designspaces.judging.answer_tables import tell_verdict
from designspaces.judging.claims import CLAIMS, evaluate
from designspaces.judging.properties import values
from designspaces.judging.ranks import spearman
from designspaces.judging.resampling import difference
from designspaces.judging.sensitivity import sensitivity
from designspaces.judging.verdicts import MARGIN, VERDICTS
from designspaces.populations.population import Population
from designspaces.training.recipe import POPULATION

PAGES = sorted((Path(__file__).parents[2] / "chapters").glob("*.md"))
CHAPTERS = [path for path in PAGES if path.stem not in ("references", "glossary", "notation")]
INCLUDED = re.compile(r"\{literalinclude\} (\S+/frameworks/\S+)\n.*\n:pyobject: (\w+)")
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def cells(path: Path) -> list[prose.Cell]:
    return prose.cells(path.read_text("utf-8"))


@each_chapter
def test_code_cells_are_short(path):
    lengths = [len(cell.lines) for cell in cells(path)]
    assert lengths, "a chapter without code"
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 40


@each_chapter
def test_code_fits_the_page(path):
    long = [line for cell in cells(path) for line in cell.lines if len(line) > 76]
    for file, name in INCLUDED.findall(path.read_text("utf-8")):
        source = (path.parent / file).read_text("utf-8")
        shown = next(o for o in ast.parse(source).body if getattr(o, "name", "") == name)
        lines = source.splitlines()[shown.lineno - 1 : shown.end_lineno]
        long += [line for line in lines if len(line) > 76]
    assert not long


@each_chapter
def test_little_code_is_hidden(path):
    """What a chapter computes, a reader sees; machinery lives in the package, with tests."""
    if path.stem in ("api", "wings"):
        pytest.skip("its cells print the reference, a line each")
    lines = [len(cell.lines) for cell in cells(path)]
    hidden = sum(len(cell.lines) for cell in cells(path) if cell.hidden)
    assert hidden <= 0.1 * sum(lines), f"{hidden} of {sum(lines)} lines are hidden"


@each_chapter
def test_hidden_code_decides_nothing(path):
    assert [
        found for cell in cells(path) if cell.hidden for found in prose.hidden_logic(cell)
    ] == []


@each_chapter
def test_no_sentence_is_made_in_code(path):
    """Where one looks for a sentence is the prose: true for every run, or with a guard."""
    assert [text for cell in cells(path) for text in prose.assembled(cell)] == []


TYPED = tomllib.loads((Path(__file__).parent / "typed_numbers.toml").read_text("utf-8"))
PLANTED = "RegNetX reaches 89.2%, and takes 37 seconds."


def typed(name: str, text: str) -> list[tuple[str, str]]:
    allowed = TYPED["everywhere"] | TYPED.get(name, {})
    return [found for found in prose.typed_numbers(text) if found[0] not in allowed]


@each_chapter
def test_a_number_in_prose_comes_from_a_run(path):
    """Not typed: else it stays when the run changes. What may be typed, typed_numbers.toml says."""
    assert typed(path.stem, path.read_text("utf-8")) == []


@each_chapter
def test_a_planted_number_is_noticed_wherever_it_stands(path):
    """After each heading, in a figure's caption, and as the last sentence."""
    text = path.read_text("utf-8")
    places = [match.end() for match in re.finditer(r"^## .*\n|^:name: fig-.*\n", text, re.M)]
    for at in [*places, len(text)]:
        inside = prose.EXERCISE.finditer(text)
        if not any(match.start() < at < match.end() for match in inside):
            found = typed(path.stem, f"{text[:at]}\n{PLANTED}\n{text[at:]}")
            assert {number for number, _ in found} == {"89.2%", "37seconds"}, text[at - 60 : at]


def test_each_number_that_may_be_typed_is():
    texts = {path.stem: path.read_text("utf-8") for path in PAGES}
    found = {name: {number for number, _ in prose.typed_numbers(texts[name])} for name in texts}
    found["everywhere"] = set().union(*found.values())
    for name, numbers in TYPED.items():
        assert set(numbers) <= found[name], f"{name}: {set(numbers) - found[name]}"


def code(body: str, tags: str = "[remove-cell]") -> prose.Cell:
    (cell,) = prose.cells(f"```{{code-cell}} python\n:tags: {tags}\n{body}\n```\n")
    return cell


def test_cells_are_read_with_their_options():
    assert code("x = 1").hidden
    assert code("x = 1", "[nbval-ignore-output, hide-input]").hidden
    assert not code("x = 1", "[remove-output]").hidden
    figure = "---\nmystnb:\n  figure:\n    caption: A curve of 7%.\n---\npicture\n"
    text = f"```{{code-cell}} python\n{figure}```\n"
    (cell,) = prose.cells(text)
    assert (cell.code, cell.hidden, cell.caption) == ("picture\n", False, "A curve of 7%.")
    assert [number for number, _ in prose.typed_numbers(text)] == ["7%"]


@pytest.mark.parametrize(
    "body",
    [
        "def f(): pass",
        "f = lambda x: x",
        "if x: y = 1",
        "say(which='a' if x else 'b')",
        "say(astray=n or 'none')",
        "try:\n    f()\nexcept ValueError:\n    pass",
    ],
)
def test_hidden_logic_is_noticed(body):
    assert prose.hidden_logic(code(body))
    assert not prose.hidden_logic(code("say(astray=in_letters(n), all=len(x) or 1)"))


def test_sentences_in_code_are_noticed():
    for body in (
        "lesson = 'So the verdict hung on the budget.'",
        "say(winner=f'network {n} of {space}')",
        "say(range=f'{low:.2f} to {high:.2f}')",
    ):
        assert prose.assembled(code(body)), body
    assert prose.assembled(code("say(x='too few')", "[]")), "visible, but handed to the prose"
    assert prose.assembled(code("note = f'Quick profile: {n} networks, not the result.'", "[]"))
    for body in ("say(x=f['chosen by'])", "say(**{f'a {k}': v for k, v in d})", "x = 'abc'"):
        assert not prose.assembled(code(body)), body
    assert not prose.assembled(code("print(f'{n} pairs: {found}')", "[]"))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It is 89.2% right after 3 epochs.", ["89.2%"]),
        ("In 2020 RegNetX-3.2GF had 3x3 convolutions, ResNet-50 as well.", []),
        ("At 0.15 it is $x = 17$, and 17 again, {glue:text}`a:.2f` or `18`, 18.", ["0.15"]),
        ("{cite:p}`he2016` has 152 layers.", ["152"]),
        ("```{glue:figure} a\n:name: fig-a-7\n\nOf 1,234 networks.\n```", ["1,234"]),
        ("```python\nrate = 0.15\n```\nAt 0.15 and at 15%.", ["15%"]),
        ("It takes 7 seconds, 3 times as long.", ["7seconds", "3times"]),
        ("% holds: 123\n[a link](https://a.b/456) of 789", ["789"]),
        ("```{exercise-start} A\n```\nOf 25.\n```{solution-end}\n```\nOf 26.", ["26"]),
    ],
)
def test_typed_numbers_are_told_from_others(text, numbers):
    assert [number for number, _ in prose.typed_numbers(text)] == numbers


HOLDS = re.compile(r"^% holds: (?P<claim>[^, ]+) is (?P<verdict>.+)$", re.M)
WAY = re.compile(r"^% holds: (?P<claim>\S+), (?P<way>.+), has zero (?P<where>\w+)$", re.M)
STUDIES = {
    "again": lambda: study.evaluate(Population.recorded(), plan.FIRST_AGAIN),
    "second": lambda: study.evaluate(plan.evidence(), plan.SECOND),
    "stages by one cycle": lambda: study.evaluate(stages.evidence("long"), stages.LONG_PLAN),
} | {
    name: lambda one=one: study.evaluate(one.evidence(), one.PLAN)
    for name, one in {
        "stages": stages,
        "plain": plain,
        "violations": violations,
        "mlps": mlps,
        "convnext": convnext,
    }.items()
}
"""The answers of all that is planned or asked again, by what a guard calls it."""
STUDY = re.compile(
    rf"^% holds: (?P<study>{'|'.join(STUDIES)}), (?P<question>\S+), is (?P<verdict>.+)$", re.M
)
TREND = re.compile(
    r"^% holds: (?P<space>\S+), (?P<property>\w+), is (?P<sign>positive|negative)$", re.M
)
ENDS = re.compile(
    r"^% holds: (?P<space>\S+), best (?P<n>\d+), (?P<property>\w+), "
    r"(?P<side>above|below) worst \d+$",
    re.M,
)
ORDER = re.compile(
    r"^% holds: (?P<space>\S+), widths in order, (?P<good>\d+) of best (?P<n>\d+), "
    r"(?P<bad>\d+) of worst \d+$",
    re.M,
)

REGIME = re.compile(r"^% holds: regime, (?P<name>[^,]+), is (?P<outcome>.+)$", re.M)
BIAS = re.compile(
    r"^% holds: bias, (?P<name>[^,]+), (?P<a>\w+)-(?P<b>\w+), is (?P<side>above|below) 0$", re.M
)

AGREE = re.compile(r"^% holds: agreement, (?P<name>.+), overlaps itself by the other start$", re.M)
STARTS = re.compile(
    r"^% holds: starts, (?P<a>\w+)-(?P<b>\w+), is (?P<side>above 0|below 0|open)$", re.M
)
JUDGE = re.compile(
    r"^% holds: judge, (?P<start>[^,]+), (?P<name>[^,]+), is (?P<outcome>\w+)$", re.M
)
JUDGED = re.compile(
    r"^% holds: judge, (?P<start>[^,]+), (?P<name>[^,]+), (?P<a>\w+)-(?P<b>\w+), "
    r"is (?P<side>above 0|below 0|open)$",
    re.M,
)

APART = re.compile(r"^% holds: (?P<a>\S+) to (?P<b>\S+), difference, (?P<said>.+)$", re.M)
LEAD = re.compile(
    r"^% holds: rate, (?P<which>.+), (?P<first>\S+) is ahead of (?P<other>\S+)$", re.M
)


def guards(pattern: re.Pattern) -> list[tuple[str, dict[str, str]]]:
    """The comments of one kind that say what a paragraph leans on, with their pages."""
    texts = {path.name: path.read_text("utf-8") for path in PAGES}
    return [(name, m.groupdict()) for name, text in texts.items() for m in pattern.finditer(text)]


def test_every_guard_is_of_a_kind_that_is_tested():
    text = "".join(path.read_text("utf-8") for path in PAGES)
    kinds = (HOLDS, WAY, TREND, STUDY, ENDS, ORDER, REGIME, BIAS, APART, LEAD)
    kinds += (AGREE, STARTS, JUDGE, JUDGED)
    assert text.count("% holds:") == sum(len(guards(kind)) for kind in kinds)


@pytest.mark.parametrize("name", STUDIES)
def test_prose_that_leans_on_an_answer_agrees_with_the_data(name):
    found = STUDIES[name]()
    mine = [(page, said) for page, said in guards(STUDY) if said["study"] == name]
    for page, said in mine:
        assert tell_verdict(found[said["question"]]) == said["verdict"], (page, said)
    if not any(answer.verdict == study.NOT_YET for answer in found.values()):
        assert {said["question"] for _, said in mine} == found.keys(), "an answer nobody tells"


def test_prose_that_leans_on_the_choice_of_regime_agrees_with_the_rule():
    choice = regimes.chosen(regimes.read())
    found = {each.candidate.name: each for each in choice}
    best = max((each for each in choice if each.ratio), key=lambda each: each.information)
    for page, said in guards(REGIME):
        if said["name"] == "no candidate":
            assert said["outcome"] == "out", (page, said)
            assert not any(each.reasons for each in choice), page
            continue
        each = found[said["name"]]
        true = {"out" if each.reasons else "tied" if each.tied else "less"}
        true |= {"chosen"} if each is choice[0] else set()
        true |= {"the most informative"} if each is best else set()
        assert said["outcome"] in true, (page, said)
    for page, said in guards(BIAS):
        _, low, high = found[said["name"]].biases[step_of(said)]
        assert f"{said['side']} 0" == where(low, high), (page, said)


def where(low: float, high: float) -> str:
    return "above 0" if low > 0 else "below 0" if high < 0 else "open"


def step_of(said: dict[str, str]) -> tuple[str, str]:
    a, b = (f"AnyNetX_{s}" if len(s) == 1 else s for s in (said["a"], said["b"]))
    return a, b


def test_prose_that_leans_on_the_two_judges_agrees_with_them():
    trained = regimes.read()
    agreed, moved = regimes.agreements(trained), regimes.between_starts(trained)
    for page, said in guards(AGREE):
        one, other = (by[said["name"]] for by in agreed.values())
        assert one.low < other.value < one.high, (page, said)
        assert other.low < one.value < other.high, (page, said)
    for page, said in guards(STARTS):
        found = moved[step_of(said)]
        assert said["side"] == where(found.low, found.high), (page, said)
    judged = regimes.chosen_by(trained)
    for page, said in guards(JUDGE):
        short = regimes.in_short(judged[said["start"]])
        assert short[said["name"]]["outcome"] == said["outcome"], (page, said)
    for page, said in guards(JUDGED):
        found = {each.candidate.name: each for each in judged[said["start"]]}[said["name"]]
        _, low, high = found.biases[step_of(said)]
        assert said["side"] == where(low, high), (page, said)


def test_prose_that_leans_on_another_way_to_compare_agrees_with_the_data():
    ways = sensitivity(Population.recorded(), Population.trial("five-epochs"))
    for page, said in guards(WAY):
        one = ways[said["claim"]][said["way"]]
        assert said["where"] == ("inside" if one.low <= 0 <= one.high else "outside"), (page, said)


def test_prose_that_leans_on_a_difference_agrees_with_the_data():
    population = Population.recorded()
    for page, said in guards(APART):
        sides = [values(population.space(said[side]), "error") for side in "ab"]
        found = difference(*sides, margin=MARGIN)
        inside = found.low <= 0 <= found.high
        side = "above" if found.low > 0 else "below"
        true = {"has zero inside" if inside else f"is {side} zero"}
        if max(-found.low, found.high) < MARGIN:
            true.add("lies within the margin")
        assert said["said"] in true, (page, said)


def test_prose_about_who_is_ahead_at_which_rate_agrees_with_the_data():
    """Means of the same few networks at the populations' rate, and each space's at its best."""
    trials = [Population.trial(name) for name in ("lr-0.05", "stem-1", "lr-0.2", "lr-0.4")]
    means = {
        next(iter(trial)).trained_by.lr: {
            s: statistics.mean(trial.space(s).errors) for s in ("AnyNetX_C", "AnyNetX_E")
        }
        for trial in trials
    }
    found = {
        "the common one": means[POPULATION.lr],
        "each its best": {s: min(one[s] for one in means.values()) for s in means[POPULATION.lr]},
    }
    for page, said in guards(LEAD):
        own = found[said["which"]]
        assert own[said["first"]] < own[said["other"]], (page, said)


def test_prose_that_leans_on_a_trend_agrees_with_the_data():
    for page, said in guards(TREND):
        records = Population.recorded(said["space"])
        found = spearman(values(records, said["property"]), values(records, "error"))
        assert found.low > 0 or found.high < 0, (page, said)
        assert said["sign"] == ("positive" if found.value > 0 else "negative"), (page, said)


def both_ends(said: dict[str, str]) -> tuple[list, list]:
    """The best and the worst networks of a space, as many of each as the guard says."""
    ranked = sorted(Population.recorded(said["space"]), key=lambda record: record.val_error)
    return ranked[: int(said["n"])], ranked[-int(said["n"]) :]


def test_prose_about_the_best_and_the_worst_agrees_with_the_data():
    """By their medians one end lies above the other; by count, so many have widths in order."""
    for page, said in guards(ENDS):
        best, worst = (statistics.median(values(e, said["property"])) for e in both_ends(said))
        assert said["side"] == ("above" if best > worst else "below"), (page, said)
    for page, said in guards(ORDER):
        counts = [sum(is_in_order(record) for record in end) for end in both_ends(said)]
        assert counts == [int(said["good"]), int(said["bad"])], (page, said)


def is_in_order(record) -> bool:
    widths = record.network.widths
    return list(widths) == sorted(widths)


def test_prose_that_leans_on_a_verdict_agrees_with_the_data():
    """A comment "% holds: C-D is supported" guards a paragraph that is true only then."""
    found = evaluate(Population.recorded())
    leaning = guards(HOLDS)
    assert leaning, "no paragraph says what it leans on"
    for page, match in leaning:
        assert match["verdict"] in VERDICTS, f"{page}: {match}"
        now = found[match["claim"]].verdict
        said = f"{page} says that {match['claim']} is {match['verdict']}; the data say: {now}"
        assert now == match["verdict"], f"{said}. Write that paragraph anew."


def test_every_claim_that_was_tested_is_told_with_its_verdict():
    text = "".join(path.read_text("utf-8") for path in PAGES)
    for claim in CLAIMS:
        if type(claim.rule).__name__ != "Untestable":
            assert f"`verdict_{claim.id}`" in text
            assert f"`measured_{claim.id}`" in text


@pytest.mark.parametrize("name", ["constraints", "regnet"])
def test_a_page_builds_where_networks_are_few(name, monkeypatch):
    """Some spaces have five networks, some none: the cells run, and say so."""
    pytest.importorskip("IPython")
    pytest.importorskip("torch")
    everything, sizes = Population.recorded(), {"AnyNetX_D": 5, "RegNetX": 5}
    few = Population(
        record
        for space in {record.space for record in everything}
        for record in list(everything.space(space))[: 0 if "_D_" in space else sizes.get(space)]
    )
    monkeypatch.setattr(Population, "recorded", classmethod(lambda cls, *spaces: few))
    shown, said, scope = {}, {}, {}

    def say(digits=None, /, **values):
        said.update(values)

    monkeypatch.setattr("designspaces.book.notebook.show", shown.__setitem__)
    monkeypatch.setattr("designspaces.book.notebook.say", say)
    (path,) = (path for path in PAGES if path.stem == name)
    for cell in cells(path):
        exec(cell.code, scope)
    assert any("5 networks" in picture.alt for picture in shown.values())
    too_few = [text for key, text in said.items() if str(text).startswith("Too few networks")]
    assert "Too few networks: D has 5 networks; this takes at least 10" in too_few
    assert len(too_few) >= 4


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_hands_values_to_the_prose_is_not_compared(path):
    """A stored notebook has no glued values, so that nbval would find them unexpected."""
    for match in prose.CELL.finditer(path.read_text("utf-8")):
        if re.search(r"^ *(say|show)\(", match["body"], re.M):
            assert "nbval-ignore-output" in match["body"]
