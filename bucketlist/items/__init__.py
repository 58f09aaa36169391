"""REST resource item: what people want to do before they die."""
