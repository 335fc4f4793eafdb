"""How long reconstructions take: of shipped clips, and at the paper's real sizes with random weights."""
