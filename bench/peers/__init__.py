"""Benchmark peers, what people would pick instead: small servers, each in one file, that do the same work.

Each is written as a good user of its framework writes, on the tables of bucketlist. Before one is measured,
`bench/check.py` asks it whether it does the work: signature, expiry, revocation, ownership, 404 for another's row.
"""
