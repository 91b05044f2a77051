"""How people land events from a function today, as an app beside ours."""
