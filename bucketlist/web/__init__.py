"""HTML forms: pages for people in a browser."""
