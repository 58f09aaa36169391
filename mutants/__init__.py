"""Mutation testing: small mistakes are made in the code, one at a time, and some test has to notice each."""
