"""Simulated films and brains whose truth is known: the stand-in for cc2017 (Wen et al. 2018)."""
