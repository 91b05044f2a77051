"""Land one invocation's batch, and say in one log line what became of it."""

import logging

from shared.errors import LandfallError
from shared.hub.events import EventBatch
from shared.landing.lander import Lander, Landing
from shared.logs import log_event


def ingest_batch(
    lander: Lander, batch: EventBatch, logger: logging.Logger, invocation_id: str
) -> Landing:
    """Land the batch; raises what landing raises, logged as the retry that it leads to."""
    where = {
        "invocation_id": invocation_id,
        "hub": batch.hub,
        "partition_id": batch.partition_id,
        "first": batch.first,
        "last": batch.last,
    }
    try:
        landing = lander.land(batch)
    except LandfallError as error:
        log_event(logger, logging.WARNING, "landing_failed", **where, error=str(error))
        raise
    log_event(
        logger,
        logging.WARNING if landing.counts.quarantined else logging.INFO,
        "batch_landed",
        **where,
        batch_id=landing.batch_id,
        generation=landing.generation,
        landed=landing.counts.landed,
        quarantined=landing.counts.quarantined,
        duplicates=landing.duplicates,
        reasons=dict(landing.counts.reasons),
        files=len(landing.files),
        tries=landing.tries,
        removed=len(landing.removed),
    )
    return landing
