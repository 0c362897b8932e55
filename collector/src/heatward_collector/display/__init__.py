"""What street offices look at in Grafana: buildings and areas, never a home, in a database apart.

Nothing is decided here. States are those of the pages, days those of the verdicts, findings those
of the finding store; this room only gives them the form that InfluxQL can draw.
"""
