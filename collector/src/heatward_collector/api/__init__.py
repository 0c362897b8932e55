"""What people and machines look at: pages, drawings, a JSON API, metrics."""
