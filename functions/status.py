"""HTTP: where everything stands, which batches are committed, and whether the app is alive."""

import json
from collections.abc import Mapping

import azure.functions as func

from shared.errors import LandfallError
from shared.service import list_batches, read_status
from shared.status.batches import batches_document, parse_batches_query
from shared.status.document import status_document

blueprint = func.Blueprint()


@blueprint.function_name("status")
@blueprint.route(route="status", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def status(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - it takes no parameters
    """Answer where the pipeline stands."""
    return _json(200, status_document(read_status()))


@blueprint.function_name("batches")
@blueprint.route(route="batches", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def batches(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a page of a partition's committed batches."""
    try:
        query = parse_batches_query(req.params)
        return _json(200, batches_document(query, list_batches(query)))
    except ValueError as error:
        return _json(400, {"error": str(error)})
    except LandfallError as error:
        return _json(503, {"error": str(error)})


@blueprint.function_name("health")
@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - it takes no parameters
    """Answer that the app is loaded and serves; what it depends on is the status's to say."""
    return _json(200, {"status": "healthy"})


def _json(status_code: int, document: Mapping[str, object]) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(document), status_code=status_code, mimetype="application/json"
    )
