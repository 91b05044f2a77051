"""The local stack: the Azure services emulated, and the command that runs them. Not deployed."""
