"""``python -m heatward_collector`` is ``heatward``."""

from .cli import main

if __name__ == "__main__":
    main()
