#!/bin/sh
# The paper zoo at its real sizes with random weights, on one GPU: sh benchmarks/paper_zoo.sh [SECONDS] [FOLDER]
# Needs torch, diffusers and transformers; neither weights, data nor a network. Rows are in FOLDER/paper_zoo.jsonl as
# soon as they are measured; `python benchmarks/paper_zoo.py FOLDER/paper_zoo.jsonl` keeps them for docs/results.md.
seconds=${1:-280}
folder=${2:-.}
python3 -m pytest --noconftest -p no:cacheprovider tests/pretrained/test_graphs.py 2>&1 | tee "$folder/test_graphs.log"
python3 -m neuroclips bench --zoo paper --random-weights --seconds "$seconds" --json | tee "$folder/paper_zoo.jsonl"
