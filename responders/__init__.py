"""Who answers, by when, and who is told: routing, clocks, ladder, actions; mail, digest and console."""
