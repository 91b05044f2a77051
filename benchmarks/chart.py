"""Charts as SVG: bars of one unit, readable on a light and on a dark page."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from benchmarks.results import Bar, Chart

WIDTH, LABELS, VALUES = 860, 400, 90
ROW, TOP, BAR = 26, 44, 16
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #d0d7de; }
    .bar { fill: #6e7681; }
    .ours { fill: #4493f8; }
  }
"""


def draw(chart: Chart) -> str:
    """Draw the bars; the largest value gets the full width."""
    height = TOP + ROW * len(chart.bars) + 8
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(chart.title)}</title>",
            f"<style>{STYLE}</style>",
            f'<text class="title" x="8" y="24">{escape(chart.title)}</text>',
            *_bars(chart),
            "</svg>\n",
        ]
    )


def _bars(chart: Chart) -> Iterator[str]:
    largest = max(bar.value for bar in chart.bars)
    room = WIDTH - LABELS - VALUES
    for index, bar in enumerate(chart.bars):
        width = max(1.0, room * bar.value / largest)
        yield _bar(bar, TOP + ROW * index, width)


def _bar(bar: Bar, top: int, width: float) -> str:
    text = f'y="{top + 13}"'
    kind = "bar ours" if bar.is_ours else "bar"
    return (
        f'<text x="{LABELS - 8}" {text} text-anchor="end">{escape(bar.label)}</text>'
        f'<rect class="{kind}" x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>'
        f'<text x="{LABELS + width + 6:.1f}" {text}>{_short(bar.value)}</text>'
    )


def _short(value: float) -> str:
    """Three digits: a bar cannot show more."""
    for size, unit in ((1_000_000, " M"), (1_000, " k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"
