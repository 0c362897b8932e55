"""The commands of ``heatward``, one file each; ``cli`` imports a file when its command is used."""
