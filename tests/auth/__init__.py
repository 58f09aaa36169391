"""Authentication and authorization: who are you, and what may you touch?"""
