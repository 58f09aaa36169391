"""Deployment: the files of deploy/ with the real programs."""
