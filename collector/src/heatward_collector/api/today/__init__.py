"""Today's list of a street, a district or the city, with its map."""
