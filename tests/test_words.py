"""How numbers and lists are spelled in sentences."""

import ast
from pathlib import Path

import pytest

from designspaces import words

PACKAGE = Path(words.__file__).parent


def test_a_minus_is_one_only_before_a_number():
    assert words.minus("-0.3, 2e-07 and -.5") == "−0.3, 2e−07 and −.5"
    assert words.minus("RegNetX-400MF, ResNet-50, a-b, 3-2") == "RegNetX-400MF, ResNet-50, a-b, 3-2"


def test_numbers_carry_their_sign_but_for_zero():
    assert [words.signed(x) for x in (0.31, -0.31, -0.04, 0.0)] == ["+0.3", "−0.3", "0.0", "0.0"]
    assert [words.number(x) for x in (0.31, -0.31, -0.04)] == ["0.3", "−0.3", "0.0"]
    assert words.signed(-1.234, 2) == "−1.23"


def test_a_fraction_becomes_percent():
    assert words.percent(0.1236, 1) == "12.4"
    assert words.percent(0.5) == "50"
    assert words.signed_percent(-0.0034) == "−0.3"
    assert words.signed_percent(0.0102, 2) == "+1.02"


def test_an_interval_has_both_signs():
    assert words.interval(-0.3, 0.12) == "−0.30 to +0.12"


def test_an_end_beside_zero_shows_on_which_side_it_lies():
    assert words.interval(-1.14, -0.003) == "−1.14 to −0.003"
    assert words.interval(-0.04, 0.12, 1) == "−0.04 to +0.1"
    assert words.interval(0, 1e-9) == "0.00 to 0.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.2e-7, "3\u00a0·\u00a010⁻⁷"),
        (-2e-16, "−2\u00a0·\u00a010⁻¹⁶"),
        (9.6e-4, "1\u00a0·\u00a010⁻³"),
        (4e12, "4\u00a0·\u00a010¹²"),
        (0, "0"),
    ],
)
def test_a_size_is_a_power_of_ten(value, text):
    assert words.power_of_ten(value) == text


def test_a_p_value_below_what_three_digits_show_says_so():
    assert words.p_value(0.0314) == "p = 0.031"
    assert words.p_value(0.001) == "p = 0.001"
    assert words.p_value(0.0009999) == "p < 0.001"


def test_names_are_listed():
    assert words.listed([]) == "none"
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B"]) == "A and B"
    assert words.listed(name for name in "ABC") == "A, B and C"
    assert words.listed([1, 2]) == "1 and 2"


def test_things_are_counted():
    assert [words.counted(n, "epoch") for n in (0, 1, 3)] == ["no epochs", "1 epoch", "3 epochs"]
    assert [words.in_letters(n) for n in (0, 1, 10, 11)] == ["none", "one", "ten", "11"]


def test_a_space_is_spoken_of_by_its_letter_and_its_rule():
    assert words.name_space("AnyNetX_A") == "A"
    assert words.name_space("AnyNetX_C_equal_widths") == "C with equal widths"
    assert words.name_space("RegNetX") == "RegNetX"


def test_no_other_module_spells_a_minus_sign():
    """Each copy of that replacement once treated zero, or a name with a hyphen, in its own way."""
    for path in PACKAGE.rglob("*.py"):
        if path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert words.MINUS not in node.value, f"{path}, line {node.lineno}"
