"""Mail that is neither lost nor a flood: notices become messages, messages leave one by one, and what cannot leave becomes a call."""
