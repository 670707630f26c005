"""Brings the runs that the page exports for MLflow into a database, and reads them back through MlflowClient.

usage: read_back.py FOLDER

FOLDER has `runs-mlflow.zip` and, in `expected.json`, what is to come of it; a test of `app/src/runs/mlflow.rs` writes
both. The zip is migrated by the command that its README names, and its folder is read as it is, too: by MLflow's file
store, which is stricter on names. Fails if either lacks a run, or has anything else of one.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

# Nothing of this is to be told to anybody.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# The file store is read on purpose.
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
# Whatever the user has set up for MLflow is none of it.
os.environ.pop("MLFLOW_TRACKING_URI", None)

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH, MAX_TAG_VAL_LENGTH


def main(folder):
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(folder / "runs-mlflow.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(unpacked)
        n_files = len(archive.namelist())
    command = migration((unpacked / "README.txt").read_text("utf-8"))
    # Paths of artifacts begin here, as the README says.
    os.chdir(unpacked)
    done = subprocess.run([sys.executable, "-X", "utf8", "-m", *command], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Failed to read" not in done.stderr and "Skipping" not in done.stderr, done.stderr
    print(f"MLflow {mlflow.__version__}: {n_files} entries, {' '.join(command)}")
    for address in [command[-1], Path("mlruns").absolute().as_uri()]:
        n_experiments, n_letters = compare(MlflowClient(address), expected)
        print(f"{address.split(':')[0]}: {len(expected)} runs in {n_experiments} experiments, {n_letters} letters in names")


def migration(readme):
    """The command that the README names, which is one line."""
    (line,) = readme.splitlines()
    command = re.search(r"`(mlflow migrate-filestore [^`]+)`", line)[1]
    return command.split()


def compare(client, expected):
    """How many experiments `client` has with runs in them, and how many letters beyond ASCII stand in names of tags."""
    experiments = {it.experiment_id: it for it in client.search_experiments(ViewType.ALL)}
    runs = client.search_runs(list(experiments), run_view_type=ViewType.ALL, max_results=10_000)
    assert len(runs) == len(expected), (len(runs), len(expected))
    found = {(run.data.tags["tepal.run"], run.data.tags["tepal.model"]): run for run in runs}
    for case in expected:
        run = found.pop((case["run"], case["model"]))
        check_run(client, run, experiments[run.info.experiment_id], case)
    assert not found, found
    used = {run.info.experiment_id for run in runs}
    hashes = {(case["data_name"], case["data_hash"]) for case in expected}
    assert len(used) == len(hashes), (used, hashes)
    # What a user would search for.
    best = client.search_runs(list(used), "metrics.accuracy > 0.9 and params.seed = '42' and tags.`tag.talk` = 'talk'")
    wanted = [case["run"] for case in expected if "talk" in case["tags"] and case["metrics"]["accuracy"] > 0.9]
    assert [run.data.tags["tepal.run"] for run in best] == wanted != [], (best, wanted)
    names = "".join(name for run in runs for name in run.data.tags)
    return len(used), len({letter for letter in names if not letter.isascii()})


def check_run(client, run, experiment, case):
    info, data = run.info, run.data
    assert (info.status, info.lifecycle_stage) == ("FINISHED", "active"), info
    assert (info.start_time, info.end_time) == (case["start"], case["end"]), info
    assert info.run_name == f"{data.params['family']} {case['model'][:12]}" == data.tags["mlflow.runName"], info
    assert experiment.name == f"{case['data_name']} {case['data_hash'][:12]}", experiment
    assert experiment.tags["tepal.data_hash"] == data.tags["tepal.data_hash"] == case["data_hash"]
    assert experiment.creation_time <= info.start_time <= info.end_time <= experiment.last_update_time, experiment

    long = {value for value in case["params"].values() if len(value) > MAX_PARAM_VAL_LENGTH}
    assert sorted(data.params.values()) == sorted(cut(value, MAX_PARAM_VAL_LENGTH) for value in case["params"].values())
    for name, value in case["params"].items():
        assert value in long or data.params[name] == value, (name, value)

    metrics = {name: value for name, value in case["metrics"].items() if value is not None}
    assert data.metrics == metrics, (data.metrics, metrics)
    history = client.get_metric_history(info.run_id, "size")
    assert [(it.timestamp, it.step) for it in history] == [(case["end"], 0)], history

    assert data.tags.get("mlflow.note.content", "") == cut(case["notes"], MAX_TAG_VAL_LENGTH)
    assert data.tags.get("tepal.file") == case["file"]
    own = [value for name, value in data.tags.items() if name.startswith("tag.")]
    assert sorted(own) == sorted(shown(tag) for tag in case["tags"]), own

    paths = [it.path for it in client.list_artifacts(info.run_id)]
    notes = ["notes.txt"] if len(case["notes"]) > MAX_TAG_VAL_LENGTH else []
    assert paths == (["model.tepal"] if case["artifact"] else []) + notes, paths
    for path in paths:
        content = Path(client.download_artifacts(info.run_id, path)).read_bytes()
        if path == "model.tepal":
            assert hashlib.sha256(content).hexdigest() == case["artifact"], path
        else:
            assert content.decode() == case["notes"], path


def cut(text, most):
    return text if len(text) <= most else text[: most - 1] + "…"


def shown(text):
    """`text` without what is not seen."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).absolute())
