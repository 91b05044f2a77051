"""An app whose function does nothing with what it is handed, as an app beside ours."""
