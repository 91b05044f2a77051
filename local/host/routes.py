"""Route templates: `orders/{id:int}/{*rest}`, matched as the host matches them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_CONSTRAINTS = {
    "": r"[^/]+",
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[A-Za-z]+",
    "guid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "bool": r"(?i:true|false)",
}
_PARAMETER = re.compile(r"\{(?P<star>\*?)(?P<name>\w+)(?::(?P<kind>\w+))?(?P<optional>\?)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One function's route; empty `methods` means any method."""

    function_name: str
    template: str
    pattern: re.Pattern[str]
    methods: frozenset[str]

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """Return the route's parameters if it serves this path, else None."""
        if self.methods and method.upper() not in self.methods:
            return None
        match = self.pattern.fullmatch(path.strip("/"))
        if match is None:
            return None
        return {name: unquote(v) for name, v in match.groupdict().items() if v is not None}

    @property
    def literal_count(self) -> int:
        """How specific the route is: literal segments win over parameters."""
        return sum("{" not in segment for segment in self.template.split("/"))


def compile_route(
    *, function_name: str, prefix: str, template: str, methods: frozenset[str]
) -> Route:
    """Compile a template; raise ValueError if it uses an unsupported feature."""
    full = "/".join(part for part in (prefix, template.strip("/")) if part)
    pattern = "".join(
        _compile_segment(segment, is_first=index == 0)
        for index, segment in enumerate(full.split("/"))
    )
    return Route(
        function_name=function_name,
        template=full,
        pattern=re.compile(pattern, re.IGNORECASE),
        methods=methods,
    )


def _compile_segment(segment: str, *, is_first: bool) -> str:
    slash = "" if is_first else "/"
    whole = _PARAMETER.fullmatch(segment)
    if whole and (whole["optional"] or whole["star"]):
        group = r".*" if whole["star"] else _constraint(whole)
        return rf"(?:{slash}(?P<{whole['name']}>{group}))?"
    parts: list[str] = [slash]
    position = 0
    for match in _PARAMETER.finditer(segment):
        parts += [re.escape(segment[position : match.start()])]
        parts += [f"(?P<{match['name']}>{_constraint(match)})"]
        position = match.end()
    rest = segment[position:]
    if "{" in rest or "}" in rest:
        msg = f"the route segment {segment!r} is not supported by this local host"
        raise ValueError(msg)
    return "".join([*parts, re.escape(rest)])


def _constraint(match: re.Match[str]) -> str:
    kind = (match["kind"] or "").lower()
    if kind not in _CONSTRAINTS:
        msg = f"the route constraint {kind!r} is not supported by this local host"
        raise ValueError(msg)
    return _CONSTRAINTS[kind]
