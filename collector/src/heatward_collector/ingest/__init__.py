"""From MQTT messages to evidence: receive, check, commit, acknowledge."""
