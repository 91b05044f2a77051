"""The ports' real sides: each turns its SDK's errors into the service's, and none crosses it."""
