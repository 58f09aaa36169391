"""The database: drivers, connection pool, transactions, and how statements are made and run."""
