"""HTML that stands by itself: one file, no script, nothing fetched; light and dark, and as wide as a phone.

Everything foreign in it is inert: it goes through :func:`text`, and nothing else makes markup of what came from outside.
"""

from collections.abc import Iterable, Sequence
from html import escape

from hotfix.record.escape import for_terminal

_STYLE = """
:root{color-scheme:light dark;--ink:#1d2329;--soft:#59636e;--paper:#fff;--card:#f5f7f9;--line:#d4dae1;--link:#0b5cad;
--good:#1f7a3d;--warn:#8f5a00;--bad:#b3261e;--bar:#3f6fae}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ed;--soft:#9aa5b1;--paper:#14181d;--card:#1d232a;--line:#37404a;
--link:#79b4f2;--good:#5cc97f;--warn:#e0a63f;--bad:#ff8a80;--bar:#6d9bd6}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.25rem 0 .25rem}p,ul,ol,dl{margin:.5rem 0}li{margin:.2rem 0}a{color:var(--link)}
table{border-collapse:collapse;width:100%;font-size:.93rem}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem .3rem 0;
border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
td:first-child,th{white-space:nowrap}td{overflow-wrap:break-word}
@media(max-width:40rem){.stack thead{display:none}.stack tr{display:block;border-bottom:1px solid var(--line);padding:.3rem 0}
.stack td{display:block;border:0;padding:0;white-space:normal;overflow-wrap:anywhere}.stack td:first-child{color:var(--soft)}}
.wide{overflow-x:auto}.soft{color:var(--soft)}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;margin:.6rem 0}
.box{border-left:4px solid var(--bar);background:var(--card);padding:.4rem .8rem;white-space:pre-wrap;min-height:2.5rem}
.num{font-variant-numeric:tabular-nums}code,.mono{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
details{margin:.3rem 0}summary{cursor:pointer}svg{display:block}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .soft{fill:var(--soft)}
@media print{body{max-width:none}details{display:block}}
"""


def text(foreign: str) -> str:
    """`foreign` as text of a page: no markup, no control character, no change of direction."""
    return escape(for_terminal(foreign))


def page(title: str, body: str) -> str:
    """A whole page. `title` is text; `body` is HTML made here, with everything foreign in it made inert."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose rows are stacked where the screen is narrow; every cell is HTML already."""
    cells = "".join(f"<th>{text(name)}</th>" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table class="stack"><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>'


def bullets(items: list[str]) -> str:
    """A list; every item is HTML already."""
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
