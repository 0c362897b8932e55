"""Papers that leave the house: spreadsheets and printed pages, safe to open and to sign."""
