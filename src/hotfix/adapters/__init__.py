"""The world outside: one folder per port."""
