"""The page of a run, for people: its document and its log, at its run_page_url."""

import html
import json
import re
from dataclasses import dataclass

from aiohttp import web

from local.databricks.document import Documents
from local.databricks.execution import Execution
from local.databricks.logs import read_log
from local.databricks.run import Run
from local.databricks.run_book import RunBook
from local.databricks.states import life_cycle_state

_PATH = re.compile(r"/jobs/(\d+)/runs/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Answers `/jobs/<job id>/runs/<run id>`; needs no token, because a browser has none."""

    book: RunBook
    execution: Execution
    documents: Documents

    def is_at(self, path: str) -> bool:
        """Say whether the path is a run's page."""
        return _PATH.fullmatch(path) is not None

    def answer(self, path: str) -> web.Response:
        """Show a run, or the run that an attempt belongs to."""
        found = _PATH.fullmatch(path)
        assert found is not None, "only asked for its own paths"
        run = self.book.owner(int(found[2]))
        return web.Response(text=self._page(run), content_type="text/html")

    def _page(self, run: Run) -> str:
        title = html.escape(f"{run.name}: {life_cycle_state(run)}")
        document = html.escape(json.dumps(self.documents.run(run), indent=2))
        logs = "".join(
            f"<h2>{html.escape(attempt.task_key)}, attempt {attempt.number}</h2>"
            f"<pre>{html.escape(read_log(self.execution.log(attempt.run_id))[0])}</pre>"
            for attempt in run.attempts
        )
        return (
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>"
            f"{logs}<h2>Run</h2><pre>{document}</pre>"
        )
