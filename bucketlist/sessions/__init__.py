"""Sessions, refresh tokens and personal access tokens: where am I signed in, and which scripts may speak for me?"""
