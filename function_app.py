"""The Functions app: the blueprints, and nothing else."""

import azure.functions as func

from functions import dropzone, ingest, reconcile, status, transform

app = func.FunctionApp()
app.register_functions(ingest.blueprint)
app.register_functions(transform.blueprint)
app.register_functions(dropzone.blueprint)
app.register_functions(reconcile.blueprint)
app.register_functions(status.blueprint)
