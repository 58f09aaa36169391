"""Benchmark: the comparison with what people would pick instead, `make bench`.

The same data, the same requests, the same PostgreSQL; one worker on one core, the load and the database on another.
"""
