"""The store: SQLite, one module of queries a noun. All SQL of the project stands here."""
