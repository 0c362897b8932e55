"""What is known of the city's buildings and rooms, as facts for every page."""
