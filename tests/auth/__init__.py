"""Who are you, and what may you touch?"""
