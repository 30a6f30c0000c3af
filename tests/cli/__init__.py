"""What the command line says, and with which exit code."""
