"""A small shop: carts, checkout, reminders."""
