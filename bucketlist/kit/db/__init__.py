"""Database access: drivers, connection pool, transactions, and how SQL statements are made and run."""
