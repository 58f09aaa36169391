"""HTTP server: granian, its connections, graceful shutdown, the port for metrics."""
