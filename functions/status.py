"""HTTP: where everything stands, which batches are committed, and whether the app is loaded."""

import azure.functions as func

from functions.app_service import get_service, read_status
from functions.invocation import answer_json
from shared.status.document import status_document

blueprint = func.Blueprint()


@blueprint.function_name("status")
@blueprint.route(route="status", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def status(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:  # noqa: ARG001 - it takes no parameters
    """Answer where the pipeline stands."""
    return answer_json("status", context, lambda: status_document(read_status()))


@blueprint.function_name("batches")
@blueprint.route(route="batches", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def batches(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer a page of a partition's committed batches."""
    return answer_json("batches", context, lambda: get_service().list_batches_document(req.params))


@blueprint.function_name("health")
@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:  # noqa: ARG001 - it takes no parameters
    """Answer that the app is loaded; the status says how its dependencies are."""
    return answer_json("health", context, lambda: {"status": "healthy"})
