"""Any film through a simulated cortex and decoded back: a closed loop whose truth is known."""
