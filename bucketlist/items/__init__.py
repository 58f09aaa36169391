"""Items: what people want to do before they die."""
