"""Pick: onto exactly what production runs, and nothing but the fix. Each rule is a module of its name."""
