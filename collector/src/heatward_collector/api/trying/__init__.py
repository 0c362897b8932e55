"""What a visitor of a demo can try: events, and the eyes of every role."""
