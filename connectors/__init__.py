"""One package a tool, behind one small protocol (``connectors.base``)."""
