"""What each command does; the names and options are in ``minuteloop.cli``."""
