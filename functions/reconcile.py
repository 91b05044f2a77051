"""Timer: compare the ledger with hub and lake, and land what is missing."""

import azure.functions as func

from functions.app_service import get_service
from functions.invocation import invocation

blueprint = func.Blueprint()


@blueprint.function_name("reconcile")
@blueprint.timer_trigger(arg_name="timer", schedule="%LANDFALL_RECONCILE_SCHEDULE%")
def reconcile(timer: func.TimerRequest, context: func.Context) -> None:
    """Make missing heads, fill gaps, name what the hub no longer holds, remove orphans."""
    with invocation("reconcile", context) as running:
        running.add_ids(past_due=timer.past_due)
        running.end(get_service().reconciler.tick().outcome)
