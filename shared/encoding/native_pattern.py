"""A contract's pattern in the syntax of the native core's regular expressions.

Syntax that does not mean the same in both is refused. Python's own parser reads the pattern, so
there is no second reading that could differ.
"""

import re
from collections.abc import Iterable
from re import _constants as sre  # type: ignore[attr-defined] # no public name gives a parsed pattern
from re import _parser  # type: ignore[attr-defined] # the same
from typing import Any, NoReturn

CLASSES = {
    sre.CATEGORY_DIGIT: "[0-9]",
    sre.CATEGORY_NOT_DIGIT: "[^0-9]",
    sre.CATEGORY_SPACE: r"[ \t\n\r\x0B\x0C]",
    sre.CATEGORY_NOT_SPACE: r"[^ \t\n\r\x0B\x0C]",
    sre.CATEGORY_WORD: "[0-9A-Za-z_]",
    sre.CATEGORY_NOT_WORD: "[^0-9A-Za-z_]",
}
# `$` may step over a newline, and nothing may ask for that newline again: so `$` must be last.
ENDS = {sre.AT_END: r"\n?\z", sre.AT_END_STRING: r"\z"}
BEGINNINGS = {sre.AT_BEGINNING: r"\A", sre.AT_BEGINNING_STRING: r"\A"}
SURROGATES = range(0xD800, 0xE000)


class UnsupportedError(Exception):
    """The native core cannot do what a contract asks for."""


def translate_pattern(pattern: re.Pattern[str]) -> str:
    """Return the pattern in the other syntax; raises UnsupportedError."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & re.ASCII)
    if parsed.state.flags & ~re.ASCII:
        _refuse("flags")
    if any(ord(character) in SURROGATES for character in pattern.pattern):
        _refuse("a lone surrogate")
    try:
        return _sequence(parsed, is_last=True)
    except RecursionError:
        return _refuse("groups that nest too deep")


def _sequence(parsed: Any, *, is_last: bool) -> str:
    final = len(parsed) - 1
    return "".join(
        _item(operation, argument, is_last=is_last and index == final)
        for index, (operation, argument) in enumerate(parsed)
    )


def _item(operation: Any, argument: Any, *, is_last: bool) -> str:
    if operation is sre.LITERAL:
        return _character(argument)
    if operation is sre.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if operation is sre.ANY:
        return r"[^\n]"
    if operation is sre.IN:
        return _set(argument)
    if operation is sre.AT:
        return _place(argument, is_last=is_last)
    if operation is sre.BRANCH:
        branches = (_sequence(branch, is_last=is_last) for branch in argument[1])
        return f"(?:{'|'.join(branches)})"
    if operation is sre.SUBPATTERN:
        _, added, removed, inner = argument
        return _refuse("flags") if added or removed else _group(inner, is_last=is_last)
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        least, most, inner = argument
        limit = "" if most is sre.MAXREPEAT else int(most)
        return f"{_group(inner, is_last=False)}{{{int(least)},{limit}}}"
    return _refuse(str(operation).lower())


def _group(inner: Any, *, is_last: bool) -> str:
    return f"(?:{_sequence(inner, is_last=is_last)})"


def _place(place: Any, *, is_last: bool) -> str:
    if place in BEGINNINGS:
        return BEGINNINGS[place]
    if place is sre.AT_BOUNDARY:
        return r"(?-u:\b)"
    if place in ENDS and (is_last or place is sre.AT_END_STRING):
        return ENDS[place]
    return _refuse(str(place).lower())


def _set(items: Iterable[tuple[Any, Any]]) -> str:
    """A character class; the first item may negate it."""
    parts = [_member(operation, argument) for operation, argument in items]
    return f"[{''.join(parts)}]"


def _member(operation: Any, argument: Any) -> str:
    if operation is sre.NEGATE:
        return "^"
    if operation is sre.LITERAL:
        return _character(argument)
    if operation is sre.RANGE:
        return f"{_character(argument[0])}-{_character(argument[1])}"
    if operation is sre.CATEGORY and argument in CLASSES:
        return CLASSES[argument]
    return _refuse(str(operation).lower())


def _character(code: int) -> str:
    return _refuse("a lone surrogate") if code in SURROGATES else f"\\x{{{code:X}}}"


def _refuse(what: str) -> NoReturn:
    message = f"pattern with {what}"
    raise UnsupportedError(message)
