"""The tools that have never heard of a bucket."""
