"""The rules of follow-up: values in, changes out. Pure."""
