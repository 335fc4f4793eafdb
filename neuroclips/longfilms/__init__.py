"""Long films: neighbouring clips of one class run into each other (paper, section 3.4, figure 2)."""
