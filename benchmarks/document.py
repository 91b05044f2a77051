"""The part of docs/benchmarks.md about speed: each run rewrites its sections."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from benchmarks.chart import draw
from benchmarks.measuring import Machine
from benchmarks.results import Claim, Section, table

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
CHARTS = ROOT / "docs" / "benchmarks"
BEGIN, END = "<!-- speed: `make bench` writes this -->", "<!-- end of speed -->"
WHOLE = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
PART = re.compile(r"<!-- part (\w) -->.*?<!-- end of part \1 -->", re.DOTALL)
MET = {True: "**yes**", False: "**no**", None: "not tried"}
PREFACE = """
`make bench` measures each part's ways in turns in one run, so that what disturbs one disturbs all.
Figures are medians, the least and the most in brackets. It is CPU time unless wall is said, since
that is what a user pays for; a ratio is the median of the turns' ratios. The load average before
a part is that of other work on the machine and, in a run of several parts, of the part before:
where it is high, what counts is the ratio.
"""


def write_document(sections: Iterable[Section], machine: Machine, today: date) -> None:
    """Put the sections into the document, and their charts beside it."""
    CHARTS.mkdir(exist_ok=True)
    written = list(sections)
    for section in written:
        for chart in section.charts:
            (CHARTS / f"{chart.name}.svg").write_text(draw(chart))
    DOCUMENT.write_text(renew(DOCUMENT.read_text(), written, machine, today))


def renew(text: str, sections: Iterable[Section], machine: Machine, today: date) -> str:
    """The document with these sections replaced; the rest stays unchanged."""
    found = WHOLE.search(text)
    parts = {part[1]: part[0] for part in PART.finditer(found[0] if found else "")}
    parts |= {section.letter: _part(section, today) for section in sections}
    inside = "\n\n".join(parts[letter] for letter in sorted(parts))
    speed = f"{BEGIN}\n## Speed\n{_describe(machine)}\n{PREFACE}\n{inside}\n{END}"
    return WHOLE.sub(lambda _: speed, text) if found else f"{text.rstrip()}\n\n{speed}\n"


def render(section: Section) -> str:
    """A section in the form that is printed and put into the document."""
    return "\n".join(_lines(section))


def _part(section: Section, today: date) -> str:
    command = f"`python -m benchmarks --only {section.letter}`"
    when = f"{today.isoformat()}, load average before it {section.load:.1f}"
    title = f"### {section.letter}. {section.title}\n{command}, {when}"
    head = f"<!-- part {section.letter} -->\n{title}\n\n"
    return f"{head}{render(section)}\n<!-- end of part {section.letter} -->"


def _lines(section: Section) -> Iterator[str]:
    yield from section.lines
    for chart in section.charts:
        yield f"\n![{chart.title}](benchmarks/{chart.name}.svg)"
    if section.claims:
        yield ""
        yield from table(("has to be shown", "seen", "met"), map(_claim, section.claims))


def _claim(claim: Claim) -> tuple[str, str, str]:
    return claim.what, claim.seen, MET[claim.is_met]


def _describe(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    return (
        f"{machine.processor}, {machine.cores} cores of a shared virtual machine, "
        f"{machine.system}, Python {machine.python}; {versions}."
    )
