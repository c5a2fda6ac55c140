"""Words that are hard on shells and on programs that read options."""

import random

#: What shells, and those that build lines for them, get wrong.
NASTY = (
    *(
        "",
        " ",
        "-",
        "--",
        "-n",
        "-e",
        "=",
        "A=b",
        "~",
        "*",
        "?",
        "[a]",
        "{a,b}",
        "!",
        "!!",
        "#",
        "%s",
        "%b",
    ),
    *(
        "'",
        '"',
        "`",
        "\\",
        "\\\\",
        "\\n",
        "\\0",
        "$",
        "$HOME",
        "$(id)",
        "`id`",
        "${x}",
        "&",
        "|",
        ";",
        "<",
        ">",
    ),
    *(
        "\n",
        "\r",
        "\t",
        "\n\n",
        "a\n",
        "\x01",
        "\x7f",
        "\x1b[m",
        "\udc80",
        "\udc81",
        "\udc88",
        "\udcff",
        "é",
        "😀",
        "\u2028",
    ),
)


def any_word(choose: random.Random) -> str:
    kind = choose.randrange(4)
    if kind == 0:
        return choose.choice(NASTY)
    if kind == 1:
        return "".join(choose.choices(NASTY, k=choose.randrange(6)))
    if kind == 2:
        return "".join(map(chr, choose.choices(range(1, 0xD800), k=choose.randrange(20))))
    data = bytes(choose.choices(range(1, 256), k=choose.randrange(60)))
    return data.decode("utf-8", "surrogateescape")
