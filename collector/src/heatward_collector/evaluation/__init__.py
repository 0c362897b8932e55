"""From readings to conclusions as the ledger grows: days judged, suppressed heating watched for."""
