"""Accounts: register, log in, change, recover, delete."""
