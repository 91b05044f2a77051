"""Retry policies."""

from datetime import timedelta

import pytest

from local.host.retry import RetryPolicy, parse_decorated_policy, parse_host_policy

SECOND = timedelta(seconds=1)


def backoff(*, maximum: timedelta = timedelta(seconds=10)) -> RetryPolicy:
    return RetryPolicy(max_retry_count=-1, minimum=SECOND, maximum=maximum)


def test_a_fixed_delay_stays_the_same() -> None:
    policy = parse_decorated_policy(
        {"strategy": "fixed_delay", "max_retry_count": "3", "delay_interval": "00:00:05"}
    )

    assert [policy.delay(count) for count in (1, 2, 9)] == [timedelta(seconds=5)] * 3


def test_a_back_off_grows_from_its_minimum_to_its_maximum() -> None:
    delays = [backoff().delay(count).total_seconds() for count in range(1, 8)]

    assert delays == [1, 2, 3, 5, 9, 10, 10]


def test_a_back_off_is_spread_by_its_factor() -> None:
    assert backoff().delay(4, factor=0.8) == timedelta(seconds=4.2)
    assert backoff().delay(4, factor=1.2) == timedelta(seconds=5.8)


def test_a_back_off_for_ever_stays_at_its_maximum() -> None:
    assert backoff().delay(100_000) == timedelta(seconds=10)


def test_a_finite_policy_allows_as_many_retries_as_it_says() -> None:
    policy = RetryPolicy(max_retry_count=2, minimum=SECOND, maximum=SECOND)

    assert [policy.allows(count) for count in (1, 2, 3)] == [True, True, False]


def test_minus_one_allows_retries_for_ever() -> None:
    assert backoff().allows(1_000_000)


def test_host_json_gives_a_policy_too() -> None:
    policy = parse_host_policy(
        {
            "strategy": "exponentialBackoff",
            "maxRetryCount": -1,
            "minimumInterval": "00:00:01",
            "maximumInterval": "00:00:10",
        }
    )

    assert policy == backoff()


@pytest.mark.parametrize(
    "settings",
    [
        {"strategy": "fixed_delay", "max_retry_count": "many", "delay_interval": "00:00:01"},
        {"strategy": "fixed_delay", "max_retry_count": "-2", "delay_interval": "00:00:01"},
        {"strategy": "fixed_delay", "max_retry_count": "1"},
        {"strategy": "fixed_delay", "max_retry_count": "1", "delay_interval": "5 seconds"},
        {
            "strategy": "exponential_backoff",
            "max_retry_count": "1",
            "minimum_interval": "00:01:00",
            "maximum_interval": "00:00:01",
        },
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"retry|interval|time span"):
        parse_decorated_policy(settings)
