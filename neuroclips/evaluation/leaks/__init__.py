"""The leak card: whether anything of a test film could have reached the models, the voxels, the words or the judges."""
