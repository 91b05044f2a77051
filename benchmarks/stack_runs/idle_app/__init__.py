"""An app whose function ignores its input, as an app beside ours."""
