"""Timer: the ledger is held against hub and lake; what is missing is landed again."""

import logging
from dataclasses import asdict

import azure.functions as func

from shared.logs import log_event
from shared.service import reconcile_with_hub

blueprint = func.Blueprint()
logger = logging.getLogger("landfall.reconcile")


@blueprint.function_name("reconcile")
@blueprint.timer_trigger(arg_name="timer", schedule="%LANDFALL_RECONCILE_SCHEDULE%")
def reconcile(timer: func.TimerRequest, context: func.Context) -> None:
    """Make missing heads, fill gaps, name what the hub no longer holds, remove what is orphaned."""
    done = reconcile_with_hub()
    log_event(
        logger,
        logging.WARNING if done.partitions or done.problem else logging.INFO,
        "partitions_reconciled",
        invocation_id=context.invocation_id,
        past_due=timer.past_due,
        **asdict(done),
    )
