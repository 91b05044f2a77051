from itertools import islice

from chaos.plan import GROUPS, Trouble, plan_lives, plan_steps
from shared.landing.fault_points import FaultPoint, parse_faults


def test_a_seed_plans_the_same_every_time_and_another_seed_something_else() -> None:
    lives = list(islice(plan_lives(7, 0), 50))
    steps = list(islice(plan_steps(7), 50))

    assert list(islice(plan_lives(7, 0), 50)) == lives
    assert list(islice(plan_steps(7), 50)) == steps
    assert list(islice(plan_lives(7, 1), 50)) != lives
    assert list(islice(plan_steps(8), 50)) != steps


def test_every_trouble_comes_once_before_any_comes_again() -> None:
    steps = list(islice(plan_steps(1), 2 * len(Trouble)))

    assert {step.trouble for step in steps[: len(Trouble)]} == set(Trouble)
    assert {step.trouble for step in steps[len(Trouble) :]} == set(Trouble)


def test_every_fault_point_ends_a_life_before_any_ends_another() -> None:
    lives = islice(plan_lives(1, 0), 200)

    points = [life.kill_point for life in lives if life.kill_point]

    assert set(points[: len(FaultPoint)]) == set(FaultPoint)


def test_what_a_life_sets_is_what_the_service_reads() -> None:
    lives = list(islice(plan_lives(1, 2), 200))

    read = [parse_faults(life.fault_points) for life in lives]

    assert [len(faults) for faults in read] == [
        bool(life.kill_point) + bool(life.slow_point) for life in lives
    ]
    assert {life.group for life in lives} == set(GROUPS)
