"""The command line: one module per verb; it parses, calls one action, and shows what came back."""
