"""HTTP: middleware, requests and their validation, responses, conditional requests, OpenAPI."""
