"""Quota of photos: how many an account may keep, beside how many bytes they may have."""

MOST_PHOTOS = 20_000
