"""The style sheet and the script of the HTML report."""

from __future__ import annotations

import base64
import hashlib

from zsr_tui.plots.svg_style import FONT, css

_STYLE = """
:root{color-scheme:light dark;--page:#ffffff;--text:#1b1f24;--muted:#56616d;--line:#d5d9de;--soft:#f4f6f8;
--accent:#1c5a96;--good:#1d6b34;--bad:#a32a1c;--shade:#1b1f2433;--mark:#fff0b8;--marktext:#1b1f24}
@media screen and (prefers-color-scheme:dark){:root{--page:#14181d;--text:#e3e7ec;--muted:#aab6c3;--line:#333d47;
--soft:#1c232a;--accent:#7fb2e5;--good:#7fc98f;--bad:#f08a7d;--shade:#000000b0;--mark:#5a4a12;--marktext:#fff3c9}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;max-width:76rem;padding:1.5rem clamp(1rem,3vw,2.5rem) 4rem;background:var(--page);color:var(--text);
font:15px/1.5 FONT}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.75rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.75rem 0 .4rem;overflow-wrap:anywhere}
h4{font-size:.9rem;margin:0;overflow-wrap:anywhere}
p{margin:.4rem 0}
a{color:var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:1rem 0;padding:.6rem 0;border-block:1px solid var(--line)}
.muted,.note,figcaption small{color:var(--muted)}
.note{font-size:.86rem;max-width:60rem}
.lead{font-size:1.05rem;max-width:60rem;margin:.4rem 0 1rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;margin:.5rem 0;padding:0;font-size:.86rem;
color:var(--muted)}
.why{margin:.4rem 0 .75rem;padding-left:1.2rem;font-size:.92rem}.why li{margin:.3rem 0;overflow-wrap:anywhere}
.why strong{font-weight:600}
.warning{border-left:3px solid var(--bad);padding:.1rem .75rem}
.scroll{margin:.5rem 0}
.scroll,.plot{overflow-x:auto;position:relative;background:linear-gradient(to left,var(--page) 30%,transparent)
right/2.5rem 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/.8rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums}
th,td{padding:.32rem .7rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:baseline}
thead th{border-bottom:2px solid var(--line);color:var(--muted);font-weight:600;white-space:nowrap}
th.n,td.n{text-align:right;white-space:nowrap}
thead th.w{white-space:normal;min-width:7rem;max-width:11rem;overflow-wrap:anywhere}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:13rem;max-width:34rem}
tbody tr:hover{background:var(--soft)}
td.q{min-width:8.5rem;max-width:32rem;overflow-wrap:anywhere}
thead button{font:inherit;text-align:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
thead button:hover,thead button:focus-visible{color:var(--accent);text-decoration:underline}
th[aria-sort=ascending] button::after{content:" ▴"}th[aria-sort=descending] button::after{content:" ▾"}
td .up,td .down{position:absolute;margin:.1em 0 0 .1em;font-size:.8em}
.up{color:var(--good)}.down{color:var(--bad)}
figure{margin:1rem 0 2rem}
figcaption{font-weight:600;margin-bottom:.4rem}
figcaption small{display:block;font-weight:400;font-size:.86rem;max-width:60rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(31rem,100%),1fr));gap:0 2rem}
.figures>*{min-width:0}
svg{display:block;max-width:100%;min-width:min(23rem,100vw);height:auto}
details{margin:.6rem 0}
summary{cursor:pointer;color:var(--accent)}
.lists{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(17rem,100%),1fr));gap:1rem;margin:.75rem 0}
.list{border:1px solid var(--line);border-radius:6px;overflow:hidden;min-width:0}
.list header{background:var(--soft);padding:.5rem .75rem;border-bottom:1px solid var(--line)}
.list header p{font-size:.83rem;margin:.1rem 0 0;color:var(--muted);font-variant-numeric:tabular-nums}
.list ol{list-style:none;margin:0;padding:0}
.list li{padding:.45rem .75rem;border-bottom:1px solid var(--line);font-size:.86rem;overflow-wrap:anywhere}
.list li:last-child{border-bottom:0}
.doc{display:flex;gap:.5rem;align-items:baseline;font-variant-numeric:tabular-nums}
.doc .rank{color:var(--muted);min-width:1.5em;text-align:right}
.doc .id{flex:1;font-weight:600}
.doc .score{color:var(--muted);font-size:.8rem}
.j{font-weight:700;white-space:nowrap;min-width:1.6em}.j1{color:var(--good)}.j0{color:var(--bad)}.ju{color:var(--muted)}
.snippet{margin:.15rem 0 0;color:var(--muted)}
mark{background:var(--mark);color:var(--marktext);padding:0 .1em;border-radius:2px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;font-size:.9rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
pre,code{font-family:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Consolas,monospace;font-size:.85rem}
pre{margin:0;background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;
white-space:pre-wrap;overflow-wrap:anywhere}
article{margin:1.5rem 0 2.5rem}
@media (max-width:40rem){tbody th{min-width:7rem;max-width:11rem}th,td{padding:.32rem .5rem}
thead th.w{max-width:7rem}dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
@media print{html{font-size:11px}body{max-width:none;padding:0;font-size:11px}nav{display:none}
table{font-size:.82rem}th,td{padding:.2rem .3rem}tbody th{min-width:5rem}td.q{min-width:4rem}
thead th.w{min-width:0;max-width:5rem}
h2,h3,figcaption,.lead,.legend,article>.muted,.why,.list header{break-after:avoid}figure,tr,.list li{break-inside:avoid}
.scroll,.plot{overflow:visible;background:none}svg{min-width:0}a{color:inherit;text-decoration:none}
details::details-content{content-visibility:visible;block-size:auto}summary{display:none}
.lists{grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}}
"""

# Sorting by a click on a column's name. The page says everything without it.
SCRIPT = """
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach(each => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const rows = [...table.tBodies[0].rows];
      const numbers = rows.every(row => key(row) === "" || !isNaN(key(row)));
      rows.sort((one, other) => {
        const a = key(one), b = key(other);
        if (numbers && (a === "" || b === "")) return (a === "") - (b === "");
        const order = numbers ? a - b : a.localeCompare(b, undefined, {numeric: true});
        return down ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
"""


def style() -> str:
    return _STYLE.replace("FONT", FONT) + css()


def policy() -> str:
    """A content security policy under which the page can load nothing, and run nothing but its own script: what a
    document holds stays text even for a browser that reads it in another way than we do."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
