"""API documentation as the homepage: how to start, the reference, a page for every problem, and their look."""
