"""Alerts: messages to those who must act, kept until they have arrived."""
