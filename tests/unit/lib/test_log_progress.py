"""What is taken for progress at the end of a log, and what is not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headway.lib.log_progress import TAIL_BYTES, Progress, progress_in

BAR = "45%|####5     | 450/1000 [00:10<00:12, 45.20it/s]"


def seen(text: str, *, is_cut: bool = False) -> tuple[float, float] | None:
    found = progress_in(text.encode(), is_cut=is_cut)
    return None if found is None else (found.current, found.total)


@pytest.mark.parametrize(
    ("text", "progress"),
    [
        (f"train:  {BAR}", (450, 1000)),
        (f"\r  0%|          | 0/1000 [00:00<?, ?it/s]\r{BAR}", (450, 1000)),
        (" 12%|█▏        | 1.20M/10.0M [00:10<00:12, 45kB/s]", (1.2e6, 1e7)),
        ("step 120/500\n", (120, 500)),
        ("step: 120 / 500, loss=0.3", (120, 500)),
        ("Iteration 7 of 20\n", (7, 20)),
        ("[batch 7/20]\n", (7, 20)),
        ("processed 12/40 files\n", (12, 40)),
        ("epoch 3/10\n", (3, 10)),
        ("37%\n", (37, 100)),
        ("[=====>     ] 37.5 %\n", (37.5, 100)),
        ("progress: 37%\n", (37, 100)),
        ("\x1b[32mstep\x1b[0m \x1b[1m3/10\x1b[0m\n", (3, 10)),
        ("1875/1875 ━━━━━━━━━━ 3s 2ms/step", (1875, 1875)),
    ],
)
def test_progress_is_recognised(text: str, progress: tuple[float, float]) -> None:
    assert seen(text) == progress


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reading /data/3/10\n",
        "done 12/24/2026\n",
        "2026/11/22 begun\n",
        "the disk is 95% full\n",
        "accuracy 92%\n",
        "between 20% and 30% done\n",
        "step 501/500\n",
        "step 5/0\n",
        "step 12/24.5.6\n",
        "listening at 10.0.0.0/8\n",
    ],
)
def test_what_could_be_something_else_is_not_taken_for_progress(text: str) -> None:
    assert seen(text) is None


def test_the_last_word_counts_whatever_follows_it() -> None:
    assert seen("step 1/9\nstep 2/9\nwriting a checkpoint\n") == (2, 9)


def test_a_count_within_an_epoch_is_part_of_the_epoch() -> None:
    assert seen("Epoch 3/10\n120/500 [====>......] - ETA: 3s") == (2.24, 10)
    assert seen("Epoch 3/10:  50%|##   | 5/10 [00:01<00:03, 3it/s]") == (2.5, 10)
    assert seen("epoch [3/10], step [50/100], loss 0.3\n") == (2.5, 10)


def test_an_epoch_that_has_just_begun_has_not_been_done() -> None:
    assert seen("500/500 [==========] - 9s\nEpoch 4/10\n") == (3, 10)


def test_a_number_that_is_still_being_written_is_not_read() -> None:
    assert seen("step 1/900\nstep 2/9") == (1, 900)


def test_the_first_line_of_a_cut_log_is_not_read() -> None:
    assert seen("tep 20/500\nnothing", is_cut=True) is None
    assert seen("20/500 [====>....]\nstep 3/9\n", is_cut=True) == (3, 9)


def test_the_name_of_a_bar_is_kept_without_what_cannot_be_printed() -> None:
    assert progress_in(f"\x1b[1mtra\x00in\x1b[0m: {BAR}".encode(), is_cut=False) == Progress(
        450, 1000, "train"
    )


WORDS = st.sampled_from(
    [
        "step ",
        "epoch ",
        "%",
        "|",
        "/",
        "9",
        "0",
        " of ",
        "[",
        "]",
        "=>.",
        "\r",
        "\n",
        "\x1b[",
        "done ",
        ".",
    ]
)
HOSTILE = st.one_of(
    st.binary(max_size=3 * TAIL_BYTES),
    st.lists(WORDS, max_size=4000).map(lambda words: "".join(words).encode()),
    st.builds(lambda word, n: (word * n).encode(), WORDS, st.integers(0, TAIL_BYTES)),
)


@given(tail=HOSTILE, is_cut=st.booleans())
@example(tail=b"1%|" * 4000, is_cut=False)
@example(tail=b"%" * TAIL_BYTES, is_cut=False)
@example(tail=b"9" * TAIL_BYTES, is_cut=False)
def test_any_bytes_give_progress_that_can_be_shown_or_none(tail: bytes, *, is_cut: bool) -> None:
    found = progress_in(tail, is_cut=is_cut)
    if found is not None:
        assert 0 <= found.current <= found.total < float("inf")
        assert found.total > 0
        assert found.words.isprintable()


@given(
    done=st.integers(0, 10**6),
    more=st.integers(1, 10**6),
    before=st.text(max_size=200),
    width=st.integers(5, 60),
)
def test_a_bar_is_found_behind_any_text(done: int, more: int, before: str, width: int) -> None:
    total = done + more
    bar = f"{100 * done // total:3d}%|{'#' * width}| {done}/{total} [00:01<00:02, 9.9it/s]"
    assert seen(f"{before}\r{bar}") == (done, total)


@given(tail=st.binary(max_size=TAIL_BYTES), earlier=st.binary(max_size=TAIL_BYTES))
def test_what_is_before_the_tail_changes_nothing(tail: bytes, earlier: bytes) -> None:
    full = tail.rjust(TAIL_BYTES, b"\n")
    assert progress_in(earlier + full, is_cut=True) == progress_in(full, is_cut=True)
