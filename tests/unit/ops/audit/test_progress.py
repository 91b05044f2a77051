from io import StringIO

from ops.audit.progress import ProgressBar


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_and_then_taken_away() -> None:
    times = iter([0.0, 2.0, 2.01, 3.0])
    out = Terminal()
    bar = ProgressBar(out, lambda: next(times))

    bar.show(1, 2, 4000)
    bar.show(1, 2, 4001)
    bar.show(2, 2, 9000)
    bar.clear()

    _, first, last, cleared = out.getvalue().split("\r")
    assert first == f"[{'#' * 15:<30}] 1 of 2 batches, 4,000 events, 2,000/s "
    assert last.endswith("2 of 2 batches, 9,000 events, 3,000/s ")
    assert cleared == "\x1b[K"


def test_progress_is_not_drawn_where_nobody_looks() -> None:
    out = StringIO()
    bar = ProgressBar(out, lambda: 0.0)

    bar.show(1, 2, 4000)
    bar.clear()

    assert out.getvalue() == ""
