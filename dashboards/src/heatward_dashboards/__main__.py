"""``python -m heatward_dashboards [FOLDER]``: write the generated JSON, by default beside us."""

from __future__ import annotations

import sys
from pathlib import Path

from heatward_dashboards.build import write

write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("dashboards"))
