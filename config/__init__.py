"""What a person configures, as frozen types; defaults in the package, a bureau's directory overrides by key."""
