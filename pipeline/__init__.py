"""Ground: domain types, the store, the stage runner, the scheduler. Knows nobody above it."""
