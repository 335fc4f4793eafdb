"""Painted scenes: layers at several depths, so that a moving camera gives parallax."""
