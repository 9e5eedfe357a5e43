"""A forked kernel is what a started one is: warm kernels beside cold ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from warmed import environment, execute, kernel, outputs, printed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("templates_at")]

SHOWN = {
    "a table": "import pandas as pd\npd.DataFrame({'a': [1.5, None], 'b': ['x', 'y']})",
    "a wide table": (
        "table = pd.DataFrame({f'column_{n}': [n] * 3 for n in range(40)})\nprint(table)\ntable"
    ),
    "a figure": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('t')\nplt.show()"
    ),
    "a figure left open": "fig, ax = plt.subplots()\nax.bar(['a', 'b'], [1, 2])",
    "a figure as SVG": (
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
        "set_matplotlib_formats('svg', metadata={'Date': None})\n"
        "import matplotlib\nmatplotlib.rcParams['svg.hashsalt'] = 's'\n"
        "plt.plot([1, 2])\nplt.show()"
    ),
    "awaiting": (
        "import asyncio\n"
        "async def later():\n    await asyncio.sleep(0.01)\n    return 7\n"
        "await asyncio.gather(later(), later())"
    ),
    "seeds": (
        "import random\nimport numpy as np\n"
        "random.seed(1)\nnp.random.seed(1)\n"
        "print(random.random(), np.random.random(), np.random.default_rng(1).random())"
    ),
    "a warning": (
        "import warnings\nwarnings.warn('mind', UserWarning)\n"
        "warnings.warn('old', DeprecationWarning)"
    ),
    "standard error": "import sys\nprint('e', file=sys.stderr)",
    "a child process": (
        "import subprocess\n"
        "print(subprocess.run(['echo', 'out'], capture_output=True, text=True).stdout)\n"
        "!echo bang"
    ),
    "a pool of processes": (
        "import math, multiprocessing\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "    print(pool.map(math.sqrt, [4.0]))\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    print(pool.map(math.sqrt, [9.0]))"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    print(list(pool.map(abs, [-1, 2])))"
    ),
    "numbers": (
        "from scipy import stats\nimport statsmodels.api as sm\n"
        "print(stats.norm.cdf(1.0), np.linalg.svd(np.vander(range(6)))[1])\n"
        "print(sm.OLS([1., 2., 4.], sm.add_constant([1., 2., 3.])).fit().params)"
    ),
    "a parquet file in memory": (
        "import io\nprint(pd.read_parquet(io.BytesIO(pd.DataFrame({'a': [1]}).to_parquet())))"
    ),
    "pickling what is in main": (
        "import pickle\ndef mine(): pass\nprint(pickle.loads(pickle.dumps(mine)) is mine)"
    ),
    "an HTML object": "from IPython.display import HTML\nHTML('<b>b</b>')",
    "the last values": "1 + 1\n_ , len(Out)",
    "a progress bar": ("from tqdm import tqdm\nprint(sum(tqdm(range(3), disable=True)))"),
}
FACTS = {
    "the working folder": "os.getcwd()",
    "arguments": "[Path(sys.argv[0]).name, sys.argv[1], sys.argv[3:]]",
    "arguments as given": "[sys.orig_argv[:4], sys.orig_argv[5:]]",
    "the path of modules": "sys.path",
    "the name of the module": "[__name__, sys.modules['__main__'].__name__]",
    "the interpreter": "[sys.executable, sys.prefix, sys.base_prefix, list(sys.flags)]",
    "the locale": "[locale.setlocale(locale.LC_ALL), locale.getlocale(), sys.stdout.encoding]",
    "the encoding of files": "[sys.getfilesystemencoding(), locale.getencoding()]",
    "the time zone": "[time.tzname, time.timezone, time.strftime('%H', time.localtime(0))]",
    "limits": "[resource.getrlimit(n) for n in range(16)]",
    "processors": "sorted(os.sched_getaffinity(0))",
    "the mask of file modes": "[os.umask(0o22), os.umask(0o22)]",
    "signals": "[str(signal.getsignal(n)) for n in (2, 13, 15, 17)]",
    "the group leader": "[os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()]",
    "standard input": "os.read(0, 1).decode()",
    "the recursion limit": "sys.getrecursionlimit()",
    "numpy's printing": "numpy.get_printoptions()",
    "pandas' options": (
        "re.findall(r'currently: ([^\\]]*)', pandas.describe_option(_print_desc=False))"
    ),
    "figure settings": "{k: str(v) for k, v in matplotlib.rcParams.items()}",
    "errors of numpy": "numpy.geterr()",
    "the backend": "matplotlib.get_backend()",
    "threads of BLAS": "os.environ.get('OPENBLAS_NUM_THREADS')",
    "one thread": "threading.current_thread() is threading.main_thread()",
    "filters of warnings": "sorted(map(str, warnings.filters))",
    "hooks": "[sys.excepthook.__module__, sys.displayhook.__class__.__name__]",
    "the history": "get_ipython().history_manager.hist_file",
    "loaded extensions": "sorted(get_ipython().extension_manager.loaded)",
    "events": (
        "{k: sorted(f.__name__ for f in v) for k, v in get_ipython().events.callbacks.items()}"
    ),
    "formatters": "sorted(map(str, get_ipython().display_formatter.formatters['image/png']"
    ".deferred_printers))",
}
_ASK = (
    "import json, locale, os, re, resource, signal, sys, threading, time, warnings\n"
    "from pathlib import Path\n"
    "import matplotlib, numpy, pandas\n"
    # Libraries set filters for warnings of their own when they are imported.
    "import scipy.stats, statsmodels.api, pandera.pandas\n"
)


@pytest.fixture(scope="module")
def shown():
    """What the same cells show in a warm and in a cold kernel."""
    steady = {
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYKERNEL_CELL_NAME": "cell",
    }
    warm, cold = (
        execute(*SHOWN.values(), environment=environment(cold=cold, **steady), folder="/tmp")
        for cold in (False, True)
    )
    return {name: pair for name, *pair in zip(SHOWN, outputs(warm), outputs(cold), strict=True)}


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """What a warm and a cold kernel say of themselves."""
    folder = tmp_path_factory.mktemp("work")
    given = {
        "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "ASKED": "1", "PYTHONHASHSEED": "0",
    }  # fmt: skip
    source = (
        _ASK
        + "".join(
            f"print(json.dumps([{name!r}, {code}], default=str))\n" for name, code in FACTS.items()
        )
        + "print(json.dumps(['environment', dict(os.environ)]))"
    )
    found = []
    for cold in (False, True):
        said = printed(execute(source, environment=environment(cold=cold, **given), folder=folder))
        found.append(dict(map(json.loads, said.splitlines())))
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_a_warm_kernel_shows_what_a_cold_one_shows(shown, name):
    warm, cold = shown[name]
    assert not [out for out in cold if out.output_type == "error"]
    assert warm == cold


def test_figures_are_not_missing(shown):
    for name, kind in (("a figure", "image/png"), ("a figure left open", "image/png"),
                       ("a figure as SVG", "image/svg+xml")):  # fmt: skip
        assert any(kind in out.get("data", {}) for out in shown[name][0]), name


@pytest.mark.parametrize("name", FACTS)
def test_a_warm_kernel_says_of_itself_what_a_cold_one_says(facts, name):
    warm, cold = facts
    assert warm[name] == cold[name]


def test_a_warm_kernel_has_the_environment_that_a_cold_one_has(facts):
    warm, cold = (found["environment"] for found in facts)
    assert warm["ASKED"] == "1"
    own = {"PILOTS_COLD", "JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL"}
    assert {k: v for k, v in warm.items() if k not in own} == {
        k: v for k, v in cold.items() if k not in own
    }


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_input_is_refused(cold):
    notebook = execute("input()", cold=cold)
    assert notebook.cells[0].outputs[0].ename == "StdinNotImplementedError"


SPOIL = """
import atexit, os, sys, random
import numpy as np, pandas as pd, matplotlib
left_behind = 1
pd.set_option("display.max_rows", 1)
matplotlib.rcParams["lines.linewidth"] = 77
pd.DataFrame.shape = property(lambda self: "patched")
np.seterr(all="raise")
random.seed(1); np.random.seed(1)
os.environ["LEFT_BEHIND"] = "1"
os.chdir("/")
sys.path.insert(0, "/left_behind")
sys.setrecursionlimit(500)
atexit.register(print, "left behind")
"""
LOOK = """
import json, os, sys, random
import numpy as np, pandas as pd, matplotlib
print(json.dumps([
    "left_behind" in globals(), pd.get_option("display.max_rows"),
    matplotlib.rcParams["lines.linewidth"], str(pd.DataFrame({"a": [1]}).shape),
    np.geterr()["divide"], os.environ.get("LEFT_BEHIND"), os.getcwd(),
    "/left_behind" in sys.path, sys.getrecursionlimit(),
]))
print(random.random(), np.random.random(), np.random.default_rng().random(), os.getpid())
"""


def test_nothing_of_one_kernel_is_seen_by_the_next(tmp_path):
    first = printed(execute(LOOK, folder=tmp_path)).splitlines()
    with kernel(cwd=tmp_path) as spoiled:
        assert spoiled.run(SPOIL) == ""
        after = printed(execute(LOOK, folder=tmp_path)).splitlines()
    last = printed(execute(LOOK, folder=tmp_path)).splitlines()
    assert first[0] == after[0] == last[0]
    drawn = [line.split() for line in (first[1], after[1], last[1])]
    for place in range(4):
        assert len({line[place] for line in drawn}) == 3, "a state was shared"


def test_two_kernels_at_once_are_two_processes_with_states_of_their_own():
    draw = "import random, numpy as np; print(random.random(), np.random.random(), end='')"
    with kernel() as one, kernel() as other:
        assert one.warm
        assert other.warm
        assert one.pid != other.pid
        assert one.run("x = 1") == ""
        assert other.run("x").startswith("NameError")
        assert set(one.run(draw).split()).isdisjoint(other.run(draw).split())


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_kernel_that_is_shut_down_runs_exit_handlers_and_writes_open_files(tmp_path, cold):
    with kernel(cold=cold, cwd=tmp_path) as asked:
        asked.run(
            "import atexit, os, pathlib, tempfile\n"
            "atexit.register(pathlib.Path('handler').write_text, 'ran')\n"
            "buffered = open('buffered', 'w'); _ = buffered.write('written')\n"
            "raw = open('raw', 'wb'); _ = raw.write(b'written')\n"
            "folder = tempfile.TemporaryDirectory(dir='.', prefix='temporary')\n"
        )
        assert list(tmp_path.glob("temporary*"))
        asked.manager.shutdown_kernel(now=False)
    assert (tmp_path / "handler").read_text() == "ran"
    assert (tmp_path / "buffered").read_text() == "written"
    assert (tmp_path / "raw").read_text() == "written"
    assert not list(tmp_path.glob("temporary*"))


def test_what_a_kernel_prints_past_its_notebook_goes_where_its_client_wants(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        execute("import os\n_ = os.write(2, b'raw')", stderr_file=log)
    assert b"raw" in (tmp_path / "log").read_bytes()


def test_a_matplotlibrc_in_the_working_folder_is_heeded(tmp_path):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 33\n")
    look = "import matplotlib; print(matplotlib.rcParams['lines.linewidth'])"
    assert printed(execute(look, folder=tmp_path)) == "33.0\n"


def test_tests_run_where_kernels_can_be_forked():
    with kernel(cwd=Path.cwd()) as asked:
        assert asked.warm
        assert asked.run("import os; print(os.getpid(), end='')") == str(asked.pid)
        assert os.getpgid(asked.pid) == asked.pid
