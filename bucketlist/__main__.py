"""Command-line entry point: `python -m bucketlist` is `bucketlist`."""

from bucketlist.cli import main

main()
