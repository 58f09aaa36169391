"""Diagnostics: what an operator would want to know before people notice; nothing is changed by asking."""
