"""Quotas of sessions and personal access tokens: how many an account may hold."""

MOST_SESSIONS = 50  # places where somebody is signed in; one more ends the one that was not used for the longest time

MOST_USED_TOKENS = 1_000  # refresh tokens of a session that are remembered, to notice a theft: ten days of use

MOST_TOKENS = 50  # personal tokens that live
