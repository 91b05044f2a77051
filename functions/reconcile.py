"""Timer: the ledger is held against the hub."""

import logging

import azure.functions as func

from shared.logs import log_event
from shared.wiring import make_missing_heads

blueprint = func.Blueprint()
logger = logging.getLogger("landfall.reconcile")


@blueprint.function_name("reconcile")
@blueprint.timer_trigger(arg_name="timer", schedule="%LANDFALL_RECONCILE_SCHEDULE%")
def reconcile(timer: func.TimerRequest, context: func.Context) -> None:
    """Make sure that each partition of the hub has its head in the ledger."""
    made = make_missing_heads()
    log_event(
        logger,
        logging.INFO,
        "partitions_reconciled",
        invocation_id=context.invocation_id,
        heads_made=made,
        past_due=timer.past_due,
    )
