"""A volunteer's phone: my boxes, hanging a sensor, the page of a box."""
