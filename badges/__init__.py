"""The badges of the README: drawn from what was measured, and never claiming more than that."""
