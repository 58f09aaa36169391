"""Where am I signed in, and which scripts may speak for me?"""
