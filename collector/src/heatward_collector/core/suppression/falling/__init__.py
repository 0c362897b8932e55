"""How unusually homes fall, and which place explains it best: from temperatures to suspects."""
