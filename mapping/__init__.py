"""What an action item is, and how it looks in a tool. Pure: values in, values out."""
