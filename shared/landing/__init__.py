"""Write a batch to the lake and commit it, exactly once."""
