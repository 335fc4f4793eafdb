"""Films beside the truth: scores under a protocol, between floors and ceilings, with intervals and p values."""
