"""What the simulated films show: object classes, scenes, motions, and the words for them.

Classes follow what the cc2017 films really show. `axes` are hand-made semantic features in [0, 1]
(in the spirit of Huth et al. 2012); no CLIP model has a say in them. Sprites are Microsoft Fluent
3D emoji (MIT), one WebP per class in assets/sprites.
"""

from __future__ import annotations

from dataclasses import dataclass

AXES = (
    "face",
    "body",
    "animal",
    "vehicle",
    "plant",
    "building",
    "food",
    "tool",
    "action",
    "water",
    "sky",
    "indoor",
    "large",
    "round",
    "legs",
    "feathered",
    "furry",
    "toy",
)


@dataclass(frozen=True)
class ObjectClass:
    """One class: its sprite, where it is seen, how it moves, and its semantic axes."""

    name: str
    sprite: str
    scenes: tuple[str, ...]
    motions: tuple[str, ...]
    axes: dict[str, float]
    test_only: bool = False

    @property
    def flies(self) -> bool:
        """Whether it is at home in the air, so that it need not stand on the ground."""
        return self.axes.get("sky", 0) >= 0.4

    @property
    def share(self) -> float:
        """How often it is shown, relative to others: people lead, then animals, as in the films of cc2017."""
        return 2.4 if self.axes.get("body", 0) >= 0.5 else 1.2 if self.axes.get("animal") else 0.8


def _object(name, sprite, scenes, motions, test_only=False, **axes) -> ObjectClass:
    return ObjectClass(name, sprite, tuple(scenes), tuple(motions.split()), axes, test_only)


_LIST = (
    _object("jellyfish", "1fabc", ("underwater", "ocean"), "drift swim approach", animal=0.7, water=1),
    _object("turtle", "1f422", ("underwater", "beach"), "swim drift pan", animal=1, water=0.7, legs=0.6),
    _object("fish", "1f420", ("underwater",), "swim approach drift", animal=0.9, water=1, round=0.4),
    _object("shark", "1f988", ("underwater", "ocean"), "swim approach", animal=1, water=1, large=0.7),
    _object("whale", "1f433", ("ocean", "underwater"), "swim drift", animal=0.9, water=1, large=1, round=0.6),
    _object("dolphin", "1f42c", ("ocean", "underwater"), "swim bounce", animal=1, water=1, action=0.5),
    _object("penguin", "1f427", ("snow", "ocean"), "walk pan", animal=1, legs=0.5, feathered=0.7, body=0.3),
    _object("dog", "1f415", ("field", "city", "beach"), "walk bounce approach", animal=1, legs=1, furry=1),
    _object("cat", "1f408", ("room", "city", "field"), "walk pan", animal=1, legs=1, furry=1, indoor=0.5, toy=0.2),
    _object("horse", "1f40e", ("field", "desert"), "walk bounce recede", animal=1, legs=1, furry=0.6, large=0.8),
    _object("elephant", "1f418", ("desert", "field"), "walk approach", animal=1, legs=1, large=1),
    _object("giraffe", "1f992", ("field", "desert"), "walk pan", animal=1, legs=1, large=0.9, plant=0.2),
    _object("bear", "1f43b", ("forest", "snow"), "approach pan", animal=1, face=0.7, furry=1, large=0.5, round=0.4),
    _object("panda", "1f43c", ("forest",), "approach pan", True, animal=1, face=0.7, furry=1, plant=0.3, round=0.4),
    _object("bird", "1f426", ("sky", "forest"), "drift bounce", animal=1, feathered=1, sky=0.7),
    _object("eagle", "1f985", ("sky", "sunset", "desert"), "drift circle recede", animal=1, feathered=1, sky=1),
    _object("bee", "1f41d", ("field", "forest"), "circle drift approach", animal=0.8, sky=0.4, plant=0.4),
    _object("butterfly", "1f98b", ("field", "forest", "sky"), "circle drift", animal=0.8, sky=0.5, plant=0.6),
    _object("man", "1f468", ("room", "city", "beach"), "approach pan", face=1, body=0.5, indoor=0.4),
    _object("woman", "1f469", ("room", "city", "field"), "approach pan", face=1, body=0.5, indoor=0.4, furry=0.2),
    _object("walker", "1f6b6", ("city", "forest", "snow"), "walk recede", body=1, action=0.5, legs=0.8, face=0.2),
    _object("runner", "1f3c3", ("city", "field", "beach"), "walk bounce", body=1, action=1, legs=0.8, face=0.2),
    _object("surfer", "1f3c4", ("ocean",), "drift bounce", body=1, action=1, water=0.9, toy=0.2),
    _object("airplane", "2708-fe0f", ("sky", "sunset"), "drift recede approach", vehicle=1, sky=1, large=0.9),
    _object("helicopter", "1f681", ("sky", "city"), "drift circle", vehicle=1, sky=0.9, tool=0.3),
    _object("rocket", "1f680", ("night", "sky"), "recede drift", True, vehicle=1, sky=0.8, action=0.5),
    _object("car", "1f697", ("city", "desert"), "drift approach", vehicle=1, building=0.3),
    _object("bus", "1f68c", ("city",), "drift approach", vehicle=1, building=0.5, large=0.7),
    _object("train", "1f686", ("snow", "field", "city"), "approach pan", vehicle=1, large=0.9, building=0.2),
    _object("bicycle", "1f6b2", ("city", "forest"), "walk pan", vehicle=0.7, tool=0.6, round=0.3, action=0.3),
    _object("sailboat", "26f5", ("ocean", "sunset"), "drift pan", vehicle=0.8, water=0.8, sky=0.2),
    _object("ship", "1f6a2", ("ocean", "sunset"), "drift recede", vehicle=1, water=0.8, large=1, building=0.3),
    _object("soccer ball", "26bd", ("field", "beach"), "bounce approach", toy=1, round=1, action=0.5),
    _object("basketball", "1f3c0", ("room", "city"), "bounce circle", toy=1, round=1, action=0.6, indoor=0.4),
    _object("balloon", "1f388", ("sky", "sunset", "room"), "drift recede", toy=0.8, round=0.9, sky=0.7),
    _object("flower", "1f33a", ("field", "room"), "pan approach", plant=1, round=0.3),
    _object("tree", "1f333", ("field", "snow", "sunset"), "pan recede", plant=1, large=0.8, round=0.3),
    _object("house", "1f3e0", ("field", "snow", "forest"), "pan recede", building=1, large=0.9),
    _object("moon", "1f315", ("night",), "drift pan approach", True, sky=1, round=1, large=0.6),
    _object("phone", "1f4f1", ("room",), "pan approach circle", tool=1, indoor=1),
    _object("coffee cup", "2615", ("room",), "pan drift", food=1, indoor=1, tool=0.5, round=0.2),
)

OBJECTS: dict[str, ObjectClass] = {o.name: o for o in _LIST}
CLASS_NAMES: tuple[str, ...] = tuple(OBJECTS)

SCENES: dict[str, str] = {
    "ocean": "on the ocean",
    "underwater": "under the water",
    "beach": "on a beach",
    "sky": "in a blue sky",
    "sunset": "at sunset",
    "night": "in the night sky",
    "field": "in a green field",
    "forest": "in a forest",
    "desert": "in the desert",
    "snow": "in the snow",
    "city": "in a city street",
    "room": "in a room",
}

SCENE_AXES = tuple(f"scene {name}" for name in SCENES)  # the axis "sky" is not the scene "sky"

MOTIONS: dict[str, str] = {
    "drift": "moving slowly",
    "swim": "swimming",
    "walk": "moving along",
    "bounce": "bouncing",
    "approach": "coming closer",
    "recede": "going away",
    "circle": "turning around",
    "pan": "standing still",
}

_DRIFT_VERBS = {
    "eagle": "flying",
    "bird": "flying",
    "bee": "flying",
    "butterfly": "flying",
    "airplane": "flying",
    "helicopter": "flying",
    "rocket": "flying",
    "balloon": "floating",
    "moon": "shining",
    "sailboat": "sailing",
    "ship": "sailing",
    "car": "driving",
    "bus": "driving",
    "surfer": "surfing",
    "jellyfish": "floating",
}
_WALK_VERBS = {"walker": "walking", "runner": "running", "horse": "running", "bicycle": "rolling"}
_NOUNS = {"walker": "person", "runner": "man"}


def verb(name: str, motion: str) -> str:
    """Words for what an object does, such as "flying" for a drifting eagle."""
    if motion == "drift":
        return _DRIFT_VERBS.get(name, MOTIONS["drift"])
    if motion == "walk":
        return _WALK_VERBS.get(name, "walking" if OBJECTS[name].axes.get("legs") else MOTIONS["walk"])
    return MOTIONS[motion]


def noun(name: str) -> str:
    """The word for a class, such as "person" for a walker."""
    return _NOUNS.get(name, name)


def _a(name: str) -> str:
    return f"{'an' if noun(name)[0] in 'aeiou' else 'a'} {noun(name)}"


def caption(name: str, scene: str, motion: str, companion: str | None = None) -> str:
    """One sentence in the style of BLIP-2, such as "a dog moving along with a cat in a green field"."""
    company = f" with {_a(companion)}" if companion else ""
    return f"{_a(name)} {verb(name, motion)}{company} {SCENES[scene]}"
