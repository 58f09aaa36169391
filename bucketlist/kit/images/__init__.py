"""Image derivation: a child process with limits makes small copies of what strangers send."""
