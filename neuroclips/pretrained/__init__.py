"""The frozen models, whose libraries are made quiet before any of them is loaded."""

from neuroclips.quiet import quiet_libraries

quiet_libraries()
