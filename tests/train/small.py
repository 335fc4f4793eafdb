"""Small brains and short trainings, by the function that the command calls."""

from neuroclips.train import stages

SMALL = {"network.ridge_dim": 24, "network.hidden_dim": 32}


FEW_STEPS = {"steps": 30, "batch_size": 24, "validate_every": 15}


N_VOXELS = {1: 120, 2: 90, 0: 100}


def train(few, stage, subjects=(1,), out="out", changes=None, **more):
    has_network = stage in ("perception", "semantic") and "backbone" not in more  # else it is that of the backbone
    settings = {**SMALL, **(changes or {})} if has_network else changes or {}
    recipe = {**FEW_STEPS, **more.pop("recipe", {})} if stage != "linear" else {}
    order = stages.Order(
        stage,
        subjects,
        dataset="preprocessed",
        source=few / "data",
        out=few / out,
        resume=False,
        run_dir=few / "runs" / f"{stage}-{out.replace('/', '-')}",
        recipe=recipe,
        changes=settings,
        **more,
    )
    return stages.run(order)
