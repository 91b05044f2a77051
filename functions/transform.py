"""Timer: what is committed goes to Databricks, window by window, and runs are followed."""

import logging
from dataclasses import asdict

import azure.functions as func

from shared.logs import log_event
from shared.service import tick_transform

blueprint = func.Blueprint()
logger = logging.getLogger("landfall.transform")


@blueprint.function_name("transform")
@blueprint.timer_trigger(arg_name="timer", schedule="%LANDFALL_TRANSFORM_SCHEDULE%")
def transform(timer: func.TimerRequest, context: func.Context) -> None:
    """Submit what waits for a run, and see how the runs stand; never wait for one."""
    tick = tick_transform()
    log_event(
        logger,
        logging.WARNING if tick.problem or tick.failed else logging.INFO,
        "transform_ticked",
        invocation_id=context.invocation_id,
        past_due=timer.past_due,
        **asdict(tick),
    )
