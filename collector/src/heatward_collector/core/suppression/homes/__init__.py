"""What is watched: homes in their heat network, and their temperatures on one grid and by day."""
