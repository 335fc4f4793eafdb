"""Many clips of a test set: made a batch at a time, kept as they finish, spread over processes, GPUs and machines."""
