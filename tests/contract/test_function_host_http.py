"""HTTP functions and the admin API of the local function host."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.host_fixture import RunningHost, launch_host, run_host, write_app

CODE = """
import logging

@app.route(route="orders/{id:int}", methods=["GET", "POST"])
def order(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    answer = {
        "method": req.method, "id": req.route_params["id"], "q": dict(req.params),
        "body": req.get_body().decode(), "trace": req.headers.get("x-trace"),
        "function": context.function_name, "invocation": context.invocation_id,
        "retries": context.retry_context.retry_count,
    }
    logging.getLogger("orders").info("saw\\norder %s", req.route_params["id"])
    return func.HttpResponse(json.dumps(answer), status_code=201, mimetype="application/json")

@app.route(route="broken")
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("no such luck")

@app.route()
def text(req: func.HttpRequest) -> str:
    return "plain"

@app.route(route="silent")
def silent(req: func.HttpRequest) -> func.HttpResponse:
    return None

@app.route(route="dropped", trigger_arg_name="bad_name")
def dropped(bad_name: func.HttpRequest) -> str:
    return "never"
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    app = write_app(tmp_path_factory.mktemp("http") / "app", CODE)
    with run_host(app) as running:
        running.headers["x-trace"] = "abc"
        yield running


def test_a_request_reaches_the_function_with_all_its_parts(host: RunningHost) -> None:
    answer = host.request("/api/orders/17?a=1&b=", method="POST", body=b"hello")

    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "POST",
        "id": "17",
        "q": {"a": "1"},
        "body": "hello",
        "trace": "abc",
        "function": "order",
        "invocation": answer.json()["invocation"],
        "retries": 0,
    }


def test_logs_of_a_function_are_one_line_with_category_and_invocation(host: RunningHost) -> None:
    invocation = host.request("/api/orders/4").json()["invocation"]

    log = host.wait_for_log(f"Function.order.User {invocation} saw\\norder 4")

    assert f"Function.order {invocation} Executed 'Functions.order' (Succeeded" in log


def test_an_unhandled_exception_answers_500_and_is_logged(host: RunningHost) -> None:
    answer = host.request("/api/broken")

    assert answer.status == 500
    assert "ValueError: no such luck" in host.wait_for_log("no such luck")


def test_a_function_that_returns_nothing_answers_500(host: RunningHost) -> None:
    assert host.request("/api/silent").status == 500


def test_a_function_without_a_route_answers_under_its_name_with_text(host: RunningHost) -> None:
    answer = host.request("/api/text")

    assert (answer.status, answer.body) == (200, b"plain")


@pytest.mark.parametrize("path", ["/api/orders/x", "/api/nothing", "/orders/1", "/"])
def test_an_unknown_route_answers_404(host: RunningHost, path: str) -> None:
    assert host.request(path).status == 404


def test_a_method_that_the_function_does_not_take_answers_404(host: RunningHost) -> None:
    assert host.request("/api/orders/1", method="DELETE").status == 404


def test_the_status_says_running_with_an_id(host: RunningHost) -> None:
    status = host.request("/admin/host/status").json()

    assert status["state"] == "Running"
    assert status["id"]
    assert status["processUptime"] >= 0


def test_a_binding_name_with_an_underscore_drops_the_function(host: RunningHost) -> None:
    names = [function["name"] for function in host.request("/admin/functions").json()]

    assert names == ["order", "broken", "text", "silent"]
    assert "The binding name bad_name is invalid" in host.log_text()
    assert host.request("/api/dropped").status == 404


def test_only_timers_are_started_by_hand(host: RunningHost) -> None:
    assert host.request("/admin/functions/text", method="POST", body=b"{}").status == 400
    assert host.request("/admin/functions/nobody", method="POST", body=b"{}").status == 404


def test_an_app_that_does_not_import_ends_the_host_with_a_clear_line(tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", "import nowhere_to_be_found")

    host = launch_host(app)

    assert host.process.wait(timeout=30) == 1
    assert "No module named 'nowhere_to_be_found'" in host.log_text()


def test_a_function_that_exceeds_its_timeout_ends_the_host_with_an_error(tmp_path: Path) -> None:
    code = """
    import threading, time

    @app.route()
    def sleeper(req: func.HttpRequest) -> str:
        note("asleep")
        time.sleep(3600)
    """
    app = write_app(tmp_path / "app", code, host_json={"functionTimeout": "00:00:01"})

    with run_host(app) as host:
        status = host.request("/api/sleeper").status

        # The function exceeds its timeout, after which the worker is not to be trusted.
        assert status == 500
        assert host.process.wait(timeout=30) == 1
        assert "Timeout value of 0:00:01 exceeded by function" in host.log_text()
