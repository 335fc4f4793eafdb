"""What is made of maps of the cortex: flat figures, inflated surfaces, and files of surface software."""
