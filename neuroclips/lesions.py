"""Lesions: voxels of named or painted cortex that are silenced before anything is decoded."""
