"""User accounts: registration, login, password change and reset, email verification, deletion."""
