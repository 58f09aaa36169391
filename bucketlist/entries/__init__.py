"""REST resource entry: the story of an item, before, at and after the day."""
