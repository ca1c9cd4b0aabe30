"""Minuteloop: from meeting minutes to work that is done."""

__version__ = "0.1.0"
