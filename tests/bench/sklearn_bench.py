"""scikit-learn's side of `cargo xtask bench training`, and the data of all sides.

    sklearn_bench.py models                               prints the models' names
    sklearn_bench.py data OUT IRIS.csv SPLIT.json         writes the CSV files into OUT
    sklearn_bench.py measure MODEL SCALED TRAIN HELD_OUT  prints "ready", then a measurement a
                                                          line read; SCALED is "true" or "false"

The measurement is that of `src/lib.rs`: the fit alone, standardising included, then the
probabilities of 1,000 rows at once. Both are repeated until they fill 30 ms of CPU time.
"""

import os

# One thread; the libraries read this when they are loaded. A kernel forced by OPENBLAS_CORETYPE
# would not be the one that this machine deserves.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)

import csv
import json
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

SAMPLE_SECONDS = 0.030
N_PREDICTIONS = 1000

# The held-out rows come first, so that every number of training rows is judged by the same ones.
N_HELD_OUT = 2000
SIZES = (150, 1000, 10_000)
WIDTHS = (4, 20)
SEED = 42


def logistic_regression():
    """The optimum as closely as ours: no entry of the mean loss's gradient beyond 1e-9."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(tol=1e-9, max_iter=1000)


def logistic_regression_default():
    """As scikit-learn ships it: tol 1e-4."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def random_forest():
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(100, n_jobs=1, random_state=SEED)


def svm():
    from sklearn.svm import SVC

    return SVC()


def svm_calibrated():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC

    return CalibratedClassifierCV(SVC(), ensemble=False, n_jobs=1)


def k_nearest_neighbors():
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_jobs=1)


def gaussian_nb():
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


def gradient_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(early_stopping=False, random_state=SEED)


# The names are those of the families, and of what the table sets beside them. Each imports what
# it needs and no more: the memory of one model should not hold the code of another.
MODELS = {
    make.__name__: make
    for make in (
        logistic_regression,
        logistic_regression_default,
        random_forest,
        svm,
        svm_calibrated,
        k_nearest_neighbors,
        gaussian_nb,
        gradient_boosting,
    )
}


def write_csv(path, names, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    values = np.array([[float(cell) for cell in row[:-1]] for row in rows])
    return values, np.array([row[-1] for row in rows])


def write_data(out, iris, split):
    """Iris in its recorded split, and prefixes of one table a width."""
    from sklearn.datasets import make_classification

    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with open(iris, encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    split = json.loads(Path(split).read_text(encoding="utf-8"))
    write_csv(out / "iris.csv", names, [rows[at] for at in split["train"]])
    write_csv(out / "iris.held_out.csv", names, [rows[at] for at in split["test"]])
    for width in WIDTHS:
        values, labels = make_classification(
            n_samples=N_HELD_OUT + max(SIZES),
            n_features=width,
            n_informative=width // 2,
            n_redundant=width // 4,
            n_classes=3,
            n_clusters_per_class=1 if width == 4 else 2,
            flip_y=0.05,
            random_state=SEED,
        )
        names = [f"x{column}" for column in range(width)] + ["class"]
        # repr, which tolist's floats get, reads back to the same double.
        rows = [[*row, f"class {label}"] for row, label in zip(values.tolist(), labels)]
        write_csv(out / f"x{width}.held_out.csv", names, rows[:N_HELD_OUT])
        for size in SIZES:
            write_csv(out / f"{size}x{width}.csv", names, rows[N_HELD_OUT : N_HELD_OUT + size])


def filled(work):
    """Mean CPU seconds of `work`, repeated until a sample is filled, and those of the first."""
    times = []
    while sum(times) < SAMPLE_SECONDS:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sum(times) / len(times), times[0]


def peak_bytes():
    """The most memory that was this process's own at one time."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def greatest_gradient(pipeline, values, labels):
    """The greatest entry of the gradient of a logistic regression's mean penalised loss (C = 1)."""
    model = pipeline[-1]
    scaled = pipeline[:-1].transform(values)
    residuals = model.predict_proba(scaled) - (labels[:, None] == model.classes_)
    slopes = (residuals.T @ scaled + model.coef_) / len(values)
    return float(max(np.abs(slopes).max(), np.abs(residuals.mean(axis=0)).max()))


def measure(name, scaled, train, held_out):
    """Prints a measurement for every line of stdin."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaler = [StandardScaler()] if scaled == "true" else []
    model = make_pipeline(*scaler, MODELS[name]())
    is_regression = name.startswith("logistic_regression")
    values, labels = read_csv(train)
    unseen, answers = read_csv(held_out)
    rows = unseen[np.arange(N_PREDICTIONS) % len(unseen)]
    # At tol 1e-9 the search ends where rounding allows no further step, and scipy warns.
    warnings.simplefilter("ignore")
    print("ready", flush=True)
    for _ in sys.stdin:
        fit, first = filled(lambda: model.fit(values, labels))
        # SVC alone has no probabilities; its labels come from votes.
        probable = hasattr(model, "predict_proba")
        predict = filled(lambda: model.predict_proba(rows))[0] if probable else None
        measured = {
            "fit_millis": fit * 1e3,
            "first_millis": first * 1e3,
            "predict_micros": predict * 1e6 / N_PREDICTIONS if probable else None,
            "accuracy": float((model.predict(unseen) == answers).mean()),
            "peak_bytes": peak_bytes(),
            "greatest_gradient": greatest_gradient(model, values, labels) if is_regression else None,
        }
        print(json.dumps(measured), flush=True)


def main():
    # Ctrl-C ends this quietly, as it does the other sides.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    match sys.argv[1:]:
        case ["models"]:
            print(json.dumps(list(MODELS)))
        case ["data", out, iris, split]:
            write_data(out, iris, split)
        case ["measure", name, scaled, train, held_out]:
            measure(name, scaled, train, held_out)
        case _:
            sys.exit(__doc__)


main()
