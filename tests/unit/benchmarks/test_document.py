"""What a run of the benchmarks writes, and leaves alone."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

from benchmarks.chart import draw
from benchmarks.document import render, renew
from benchmarks.measuring import Machine, Measured, Spread
from benchmarks.results import (
    Bar,
    Chart,
    Comparison,
    Section,
    at_least,
    at_most,
    compare,
    untried,
)

TODAY = date(2026, 1, 2)
MACHINE = Machine(processor="a processor", cores=2, system="s", python="3", packages={"p": "1"})
BY_HAND = "# What was measured\n\nby hand\n"


def a_section(letter: str, line: str, **changes: Any) -> Section:
    return Section(letter=letter, title=f"part {letter}", lines=[line], **changes)


def measured(name: str, cpu: float) -> Measured:
    spread = Spread(median=cpu, least=cpu, most=cpu, turns=(cpu,))
    return Measured(name=name, repetitions=1, cpu=spread, wall=spread)


def a_comparison(**cpu: float) -> Comparison:
    ways = {name: measured(name, seconds) for name, seconds in cpu.items()}
    return Comparison(title="load", events=1_000_000, ways=ways)


def test_a_first_run_appends_its_sections_in_the_order_of_their_letters() -> None:
    sections = [a_section("b", "second"), a_section("a", "first")]

    text = renew(BY_HAND, sections, MACHINE, TODAY)

    assert text.startswith(BY_HAND)
    assert text.index("first") < text.index("second")
    assert "a processor, 2 cores" in text


def test_a_run_of_one_part_leaves_the_other_parts_and_what_is_written_by_hand() -> None:
    before = renew(BY_HAND, [a_section("a", "old"), a_section("b", "kept")], MACHINE, TODAY)

    after = renew(f"{before}\nby hand too\n", [a_section("a", "new")], MACHINE, TODAY)

    assert ("old" in after, "new" in after, "kept" in after) == (False, True, True)
    assert after.startswith(BY_HAND)
    assert after.endswith("\nby hand too\n")


def test_the_same_run_twice_writes_the_same_document() -> None:
    once = renew(BY_HAND, [a_section("a", r"a backslash: \1")], MACHINE, TODAY)

    assert renew(once, [a_section("a", r"a backslash: \1")], MACHINE, TODAY) == once


def test_a_claim_is_met_not_met_or_not_tried_by_what_was_seen() -> None:
    claims = [at_least("x", 40, 40), at_least("y", 39.9, 40), at_most("z", 1.05, 1.05)]

    shown = render(a_section("a", "line", claims=[*claims, untried("w", "no compiler")]))

    assert [claim.is_met for claim in claims] == [True, False, False]
    assert "| x (at least 40) | 40.00 | **yes** |" in shown
    assert "| w | no compiler | not tried |" in shown


def test_a_figure_near_its_bound_has_the_digits_that_tell_them_apart() -> None:
    claims = [at_most("y", 1.0499997, 1.05), at_least("x", 39.999, 40), at_least("r", 218_618.4, 1)]

    assert [claim.seen for claim in claims] == ["1.0499997", "39.999", "218,618"]


def test_rates_and_ratios_are_of_cpu_time() -> None:
    comparison = a_comparison(fast=0.5, slow=2.0)

    assert comparison.rate("fast") == 2_000_000
    assert comparison.ratio("fast", "slow") == 4
    assert compare(comparison)[-1] == "| slow | 2.00 (2.00-2.00) | 2.00 | 500,000 |"


def test_a_chart_is_an_image_whose_longest_bar_is_its_largest_value() -> None:
    bars = [Bar(label="a < b", value=1_000), Bar(label="ours", value=2_500_000, is_ours=True)]

    image = ElementTree.fromstring(draw(Chart(name="n", title="t & u", bars=bars)))

    drawn = [item for item in image if item.tag.endswith("rect")]
    shorter, longer = (float(item.attrib["width"]) for item in drawn)
    assert shorter < longer
    assert [item.attrib["class"] for item in drawn] == ["bar", "bar ours"]
    assert "2.5 M" in [item.text for item in image]
