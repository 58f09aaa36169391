"""Crash recovery: nothing that was acknowledged is lost when processes are killed or the power fails."""
