"""A demo district: invented temperatures through the real line."""
