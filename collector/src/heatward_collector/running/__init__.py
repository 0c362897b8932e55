"""The collector's processes: started, watched, and what each says of itself."""
