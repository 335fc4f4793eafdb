"""NeuroClips: from fMRI to video (Gong et al., NeurIPS 2024), as software that people can run."""

__version__ = "0.17.0"
