"""Domain types: frozen records and closed vocabularies that cross module borders. One word for one thing (see README, Words)."""
