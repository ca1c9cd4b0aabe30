"""Ways to people: robots of messengers, mail, and what Apprise knows."""
