"""A new subject joins a trained decoder: a ridge from their voxels to what its other layers read (equation 3)."""
