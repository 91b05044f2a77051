"""Timer: give what is committed to Databricks, window by window, and follow the runs."""

import azure.functions as func

from functions.app_service import get_service
from functions.invocation import invocation

blueprint = func.Blueprint()


@blueprint.function_name("transform")
@blueprint.timer_trigger(arg_name="timer", schedule="%LANDFALL_TRANSFORM_SCHEDULE%")
def transform(timer: func.TimerRequest, context: func.Context) -> None:
    """Submit the work that waits, and check how runs stand; never wait for a run."""
    with invocation("transform", context) as running:
        running.add_ids(past_due=timer.past_due)
        running.end(get_service().tick_transform().outcome)
