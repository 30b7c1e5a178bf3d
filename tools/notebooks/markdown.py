"""MyST as Markdown that needs no MyST: its roles, directives and labels become plain text."""

from __future__ import annotations

import ast
import re

from notebooks import ROOT
from notebooks.labels import Book

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[^}]+)\})?(?P<rest>.*)$")
# a code span, or a role if a name in braces stands before it
SPAN = re.compile(
    r"(?:\{(?P<role>[\w:.+-]+)\})?(?P<ticks>`+)(?P<text>.+?)(?<!`)(?P=ticks)(?!`)", re.S
)
TARGET = re.compile(r"^\([\w:.-]+\)=\s*$")
TITLED = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.S)

QUOTED = {
    **{kind: kind.capitalize() for kind in ("note", "tip", "hint", "important", "warning")},
    **{kind: kind.capitalize() for kind in ("caution", "danger", "attention", "error")},
    "exercise": "Exercise", "solution": "Solution", "seealso": "See also",
    "admonition": "", "card": "", "margin": "", "sidebar": "",
}  # fmt: skip

UNWRAPPED = {"grid", "grid-item", "tab-set", "div", "exercise-end", "solution-end"}
DROPPED = {"tableofcontents", "contents", "raw", "only", "index"}
FOR_SLIDES = re.compile(r"\[([^][]+)\]\{\.slide\}")
CODE_ROLES = {"func", "class", "meth", "mod", "attr", "data", "file", "kbd", "code", "command"}


def plain_roles(text: str, book: Book) -> str:
    """Roles become text; what stands in code spans is left alone."""

    def role(match: re.Match) -> str:
        kind, inside = match["role"], match["text"]
        if not kind:
            return match[0]
        titled = TITLED.match(inside)
        shown, target = (titled["text"], titled["target"]) if titled else ("", inside)
        if kind == "math":
            return f"${inside}$"
        if kind.startswith("cite"):
            return book.cite(inside, in_text=kind.endswith(":t"))
        if kind.startswith("glue"):
            return book.glue(inside)
        if kind == "doc":
            return book.doc(target, shown)
        if kind in ("numref", "eq", "ref", "prf:ref"):
            known = book.label(target, "")
            if "%s" in shown or "{number}" in shown:
                number = known.rpartition(" ")[2] or ""
                shown = shown.replace("%s", number).replace("{number}", number)
            return book.linked(shown or known or target, target)
        if kind.rpartition(":")[2] in CODE_ROLES:
            return f"`{(shown or target).lstrip('~')}`"
        if kind in ("term", "abbr", "download", "sub", "sup"):
            return shown or target
        raise ValueError(f"tools/notebooks knows no role {{{kind}}}; in {match[0]!r}")

    return SPAN.sub(role, FOR_SLIDES.sub(r"\1", text))


def plain(text: str, book: Book) -> str:
    """A MyST text as Markdown that needs no MyST."""
    lines, result, prose = text.split("\n"), [], []

    def end_of_equation(match: re.Match) -> str:
        number = book.label(match[1], "").strip("()")
        alone = "\n" if match.start() == 0 else ""
        return f"\\tag{{{number}}}{alone}$$" if number else "$$"

    def flush() -> None:
        if prose:
            result.append(plain_roles("\n".join(prose), book))
            prose.clear()

    at = 0
    while at < len(lines):
        line = lines[at]
        opened = FENCE.match(line)
        at += 1
        if opened:
            flush()
            rest = [line.rstrip() for line in lines[at:]]
            if opened["fence"] not in rest:
                raise ValueError(f"tools/notebooks found no end of {line!r}")
            end = at + rest.index(opened["fence"])
            body, at = lines[at:end], end + 1
            if opened["name"]:
                result.append(directive(opened["name"], opened["rest"].strip(), body, book))
            else:
                result += [line, *body, opened["fence"]]
        elif not (TARGET.match(line) or line.startswith("% ")):
            prose.append(re.sub(r"\$\$\s*\(([\w:.-]+)\)\s*$", end_of_equation, line))
    flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(result)).strip("\n")


def directive(name: str, argument: str, body: list[str], book: Book) -> str:
    options = {}
    while body and (option := re.match(r"^:([\w-]+):\s*(.*)$", body[0])):
        options[option[1]] = option[2]
        body = body[1:]
    inside = plain("\n".join(body).strip("\n"), book)
    number = book.label(options.get("name", ""), "")
    if name in DROPPED:
        return ""
    if name == "bibliography":
        return book.references()
    if name in ("nb-exec-table", "reusable-figures"):
        return f"*The table stands in the [built page]({book.address}{book.page}.html).*"
    if name in QUOTED or name.startswith("prf:"):
        title = QUOTED.get(name) or name.removeprefix("prf:").capitalize()
        if name in ("admonition", "card", "margin", "sidebar"):
            title = plain_roles(argument, book)
        elif argument and name not in ("exercise", "solution"):
            inside = f"{plain_roles(argument, book)}\n{inside}"
        quoted = f"**{title}**\n\n{inside}" if title else inside
        return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    if name in ("figure", "image"):
        shown = f"![{options.get('alt', '')}]({argument})"
        return f"{shown}\n\n{caption(number, inside)}" if inside else shown
    if name == "glue:figure":
        return caption(number, inside)
    if name == "table":
        return f"{caption(number, plain_roles(argument, book))}\n\n{inside}"
    if name == "exercise-start":
        return f"**Exercise.** {plain_roles(argument, book)}".rstrip()
    if name == "solution-start":
        return "**Solution**"
    if name == "math":
        return f"$$\n{chr(10).join(body).strip()}\n$$"
    if name in UNWRAPPED:
        return inside
    if name in ("tab-item", "dropdown"):
        return (
            f"<details><summary>{plain_roles(argument, book)}</summary>\n\n{inside}\n\n</details>\n"
        )
    if name == "literalinclude":
        return f"```python\n{included(argument, options['pyobject'])}\n```"
    if name in ("code", "code-block"):
        return f"```{argument}\n{chr(10).join(body)}\n```"
    raise ValueError(f"tools/notebooks knows no directive {{{name}}}")


def included(path: str, name: str) -> str:
    """The source of a class or function in a file that a chapter includes."""
    source = (ROOT / "chapters" / path).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if getattr(node, "name", None) == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    raise ValueError(f"tools/notebooks found no {name} in {path}")


def caption(number: str, text: str) -> str:
    return f"**{number}** {text}" if number else text
