"""Files of rows, and the events that their rows become."""
