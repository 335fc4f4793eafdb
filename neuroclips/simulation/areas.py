"""Which areas of the Glasser parcellation see what, in the simulated brains.

Early areas hold a map of the visual field and see motion energy and colour. MT+ and its neighbours see motion over
large fields. Ventral and temporal areas see semantic axes: faces in FFC and PIT (Kanwisher et al. 1997), scenes in the
parahippocampal and ventromedial areas (Epstein and Kanwisher 1998), bodies and actions along TPOJ and STS (Downing et
al. 2001), object identity in LO, PH, TF and TE (Grill-Spector et al. 2001). Retrosplenial and parieto-occipital areas
see scenes as well (Epstein 2008), intraparietal and inferior parietal ones actions and tools (Culham and Valyear 2006).
All other areas only make noise.
"""

from __future__ import annotations

from neuroclips.simulation.vocabulary import AXES, CLASS_NAMES, SCENE_AXES

# area -> receptive field size at the fovea [deg], growth per degree of eccentricity. The order V1 < V2 < V3 < V4 and
# slopes that grow from area to area follow Dumoulin and Wandell (2008) and Harvey and Dumoulin (2011).
EARLY = {
    "V1": (0.5, 0.10),
    "V2": (0.7, 0.15),
    "V3": (0.9, 0.21),
    "V4": (1.2, 0.30),
    "V3A": (1.3, 0.32),
    "V3B": (1.4, 0.33),
    "V3CD": (1.5, 0.34),
    "V7": (1.6, 0.36),
}
MOTION = {  # fields about as large as their eccentricity (Amano et al. 2009)
    "MT": (1.8, 0.5),
    "V4t": (1.8, 0.5),
    "MST": (3.0, 0.7),
    "FST": (2.4, 0.6),
    "V6": (2.4, 0.6),
    "V6A": (3.0, 0.7),
    "IPS1": (2.4, 0.6),
}
OBJECT = (*AXES, *CLASS_NAMES)
SEMANTIC = {
    "FFC": ("face", "body", "animal", "furry"),
    "PIT": ("face", "round", "toy"),
    "V8": ("plant", "food", "round"),
    "VVC": ("vehicle", "building", "tool"),
    "VMV1": SCENE_AXES,
    "VMV2": SCENE_AXES,
    "VMV3": SCENE_AXES,
    "PHA1": SCENE_AXES,
    "PHA2": SCENE_AXES,
    "PHA3": SCENE_AXES,
    "LO1": OBJECT,
    "LO2": OBJECT,
    "LO3": OBJECT,
    "PH": OBJECT,
    "TE2p": OBJECT,
    "TPOJ1": ("body", "action", "face"),
    "TPOJ2": ("body", "action", "legs"),
    "TPOJ3": ("body", "action"),
    "STSdp": ("face", "body", "action"),
    "STSvp": ("face", "animal"),
    "PGp": SCENE_AXES,
    "TE1p": OBJECT,
    "IP0": ("action", "vehicle"),
    "DVT": SCENE_AXES,
    "POS1": SCENE_AXES,
    "ProS": SCENE_AXES,
    "TF": OBJECT,
    "STSda": ("face", "body"),
    "STSva": ("face", "animal"),
    "PGs": ("action", "body"),
    "MIP": ("action", "tool"),
    "VIP": ("action", "large"),
    "LIPv": ("action", "tool"),
    "RSC": SCENE_AXES,
    "TE1m": OBJECT,
    "PFt": ("action", "tool"),
}
RESPONSIVE = (*EARLY, *MOTION, *SEMANTIC)

# signal over noise of one showing, relative to a subject's: falls from early to motion to higher areas
STRENGTH = {**dict.fromkeys(EARLY, 1.0), **dict.fromkeys(MOTION, 0.95), **dict.fromkeys(SEMANTIC, 0.72)}
