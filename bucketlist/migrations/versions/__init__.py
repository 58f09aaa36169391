"""Migration versions: one file a step."""
