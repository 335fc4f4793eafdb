"""Layers of the cortical map: what of a model or of a brain is drawn on the cortex, and what it agrees with."""
