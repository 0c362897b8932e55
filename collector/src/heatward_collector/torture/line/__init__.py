"""The real line: servers, processes and nodes, and whatever stands around them, to be hit."""
