"""Compares the answers of onnxruntime with those of the models that the ONNX files come from.

usage: compare.py FOLDER

FOLDER is what `tests/examples/onnx_cases.rs` writes. Fails if a file is not valid ONNX, a
probability differs by more than 1e-5, or a single label differs.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

# A probability may differ by so much; it comes out in single precision.
MOST = 1e-5

PROPERTIES = ["model_id", "family", "data", "target", "classes", "features"]


def main(folder):
    cases = sorted(folder.glob("*.case.json"))
    if not cases:
        sys.exit(f"there is no *.case.json in {folder}")
    data = {}
    failures = []
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
    print(f"{'case':42} {'rows':>6} {'bytes':>8} {'difference':>10} {'labels':>7} {'nearest':>9} {'ties':>5}")
    for path in cases:
        name = path.name.removesuffix(".case.json")
        case = json.loads(path.read_text())
        if case["data"] not in data:
            document = json.loads((folder / f"{case['data']}.json").read_text())
            data[case["data"]] = [column(c) for c in document["columns"]]
        figures = compare(folder / f"{name}.onnx", case, data[case["data"]])
        print(f"{name:42} {figures['rows']:6} {figures['bytes']:8} {figures['difference']:10.1e} "
              f"{figures['unequal']:7} {figures['nearest']:9.1e} {figures['ties']:5}", flush=True)
        if not figures["difference"] <= MOST:
            failures.append(f"{name}: a probability differs by {figures['difference']}")
        if figures["unequal"]:
            failures.append(f"{name}: {figures['unequal']} labels differ, first in row {figures['first']}")
    print("difference: the greatest of a probability; labels: how many differ; nearest: the least gap\n"
          "between the two most probable classes that is not 0; ties: rows where that gap is 0")
    if failures:
        sys.exit("\n".join(failures))
    print(f"{len(cases)} models answer alike")


def column(column):
    """A column as the file's input takes it: `[N, 1]`."""
    if column["kind"] == "text":
        texts = ["" if value is None else value for value in column["values"]]
        return np.array(texts, dtype=object).reshape(-1, 1)
    numbers = [np.nan if value is None else value for value in column["values"]]
    return np.array(numbers, dtype=np.float64).reshape(-1, 1)


def narrowed(column, doubles):
    """Numbers as a caller holds them: floats, unless the file asks for doubles."""
    return column if doubles or column.dtype == object else column.astype(np.float32)


def takes_doubles(inputs):
    kinds = {value.type for value in inputs} - {"tensor(string)"}
    assert len(kinds) <= 1, kinds
    return kinds == {"tensor(double)"}


def compare(path, case, columns):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    check_metadata(path.name, model, case)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    assert takes_doubles(inputs) == case["doubles"], path.name
    columns = [narrowed(c, case["doubles"]) for c in columns]
    names = [value.name for value in inputs]
    if names == ["features"]:
        feed = {"features": np.hstack(columns)}
    else:
        feed = dict(zip(names, columns, strict=True))
    labels, probabilities = session.run(["label", "probabilities"], feed)
    check_odd_rows(path.name, session, feed, labels, probabilities)
    ours = np.array(case["probabilities"])
    assert probabilities.dtype == np.float32 and probabilities.shape == ours.shape, path.name
    unequal = np.flatnonzero(labels != np.array(case["labels"], dtype=object))
    best = np.sort(ours, axis=1)
    gaps = best[:, -1] - best[:, -2]
    return {
        "rows": len(ours),
        "bytes": path.stat().st_size,
        "difference": np.abs(probabilities - ours).max(),
        "unequal": len(unequal),
        "first": unequal[0] if len(unequal) else None,
        "nearest": gaps[gaps > 0].min(initial=1.0),
        "ties": int((gaps == 0).sum()),
    }


def check_odd_rows(name, session, feed, labels, probabilities):
    """One row alone has the answer that it has among others, no row has none, and a text that no
    category is, is refused."""
    label, of_one = session.run(None, {key: values[7:8] for key, values in feed.items()})
    assert label == labels[7:8] and np.abs(of_one - probabilities[7:8]).max() <= 1e-7, name
    label, of_none = session.run(None, {key: values[:0] for key, values in feed.items()})
    assert label.shape == (0,) and of_none.shape == (0, probabilities.shape[1]), name
    texts = [key for key, values in feed.items() if values.dtype == object]
    for text in texts:
        unknown = {key: values[:1] for key, values in feed.items()}
        unknown[text] = np.array([["no such category"]], dtype=object)
        try:
            # Fatal errors only: this one is asked for, and need not stand in the log.
            options = onnxruntime.RunOptions()
            options.log_severity_level = 4
            session.run(None, unknown, options)
        except Exception as refusal:
            assert "Unknown Category" in str(refusal), (name, refusal)
        else:
            raise AssertionError(f"{name}: an unknown {text} was taken")


def check_metadata(name, model, case):
    properties = {entry.key: entry.value for entry in model.metadata_props}
    assert list(properties) == PROPERTIES, (name, list(properties))
    assert properties["model_id"] == case["model_id"], name
    assert properties["family"] == case["family"] == model.graph.name, name
    assert json.loads(properties["classes"]) == case["classes"], name
    inputs = [value.name for value in model.graph.input]
    features = json.loads(properties["features"])
    assert {feature["input"] for feature in features} == set(inputs), name
    assert model.producer_name == "tepal" and model.doc_string and model.model_version > 0, name
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    assert opsets == {"": 17, "ai.onnx.ml": 3}, name


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
