import json

import pytest

from producer import connection
from producer.connection import find_target
from producer.errors import UsageError

STRING = "Endpoint=sb://127.0.0.1:5673;SharedAccessKeyName=n;SharedAccessKey=c2VjcmV0;"
ENVIRONMENT = {"LANDFALL_EVENTHUBS": STRING, "LANDFALL_HUB": "from-environment"}


@pytest.fixture(autouse=True)
def no_stack(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "DEFAULT_STACK", tmp_path / "stack.json")
    return tmp_path / "stack.json"


def write_stack(path, processes):
    settings = {"LANDFALL_HUB": "of-stack", "LANDFALL_EVENTHUBS": STRING.replace("5673", "5999")}
    path.write_text(json.dumps({"settings": settings, "processes": processes}))
    return path


def test_without_a_stack_the_environment_says_where_to_send():
    target = find_target(None, None, None, ENVIRONMENT)
    assert (target.hub, target.namespace) == ("from-environment", "127.0.0.1:5673")


def test_a_running_stack_comes_before_the_environment(no_stack):
    write_stack(no_stack, [{"name": "hub"}])
    target = find_target(None, None, None, ENVIRONMENT)
    assert (target.hub, target.namespace) == ("of-stack", "127.0.0.1:5999")


def test_a_stack_that_was_stopped_does_not_count(no_stack):
    write_stack(no_stack, [])
    assert find_target(None, None, None, ENVIRONMENT).hub == "from-environment"


def test_an_explicit_connection_comes_before_all(no_stack):
    write_stack(no_stack, [{"name": "hub"}])
    target = find_target(None, STRING + "EntityPath=of-string;", None, ENVIRONMENT)
    assert (target.hub, target.namespace) == ("of-string", "127.0.0.1:5673")


def test_an_explicit_hub_comes_before_every_other_name(no_stack):
    stack = write_stack(no_stack, [])
    assert find_target("mine", None, stack, {}).hub == "mine"


def test_a_namespace_is_reached_with_an_identity():
    namespace = {"LANDFALL_EVENTHUBS__fullyQualifiedNamespace": "ns.servicebus.windows.net"}
    target = find_target(None, None, None, namespace)
    assert (target.hub, target.connection_string) == ("events", None)


def test_the_key_is_in_no_repr():
    assert "c2VjcmV0" not in repr(find_target(None, None, None, ENVIRONMENT))


def test_nowhere_to_send_says_what_to_do():
    with pytest.raises(UsageError, match="make up"):
        find_target(None, None, None, {})


def test_a_broken_connection_string_is_refused():
    with pytest.raises(UsageError, match="connection string"):
        find_target(None, "Endpoint=nothing", None, {})


def test_a_missing_stack_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.json"):
        find_target(None, None, tmp_path / "gone.json", {})
