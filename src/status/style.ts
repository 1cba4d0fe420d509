/** The look of the page: light and dark, wide and narrow, colours by Okabe and Ito, which all eyes tell apart. */

export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1f24;--soft:#5a6570;--line:#dfe4e8;--card:#f6f8f9;
--good:#cfe8dd;--good-fg:#0b5a43;--busy:#56b4e9;--busy-fg:#06263a;--gap:#d55e00;--gap-fg:#1c0d00;--refused:#8f3d72;--refused-fg:#fff;
--later:#e69f00;--later-fg:#2a1d00;--known:#c9dcec;--known-fg:#0c3f63;--unknown:#e4e7ea;--unknown-fg:#4a535b;--past:#d5d9dd;--past-fg:#3d464e;
--ready:#0b6b4f;--wait:#a84300;--idle:#3d5a75;--bad:#a84300}
@media(prefers-color-scheme:dark){:root{--bg:#12161a;--fg:#e6eaee;--soft:#9aa6b1;--line:#2b333a;--card:#1a2026;
--good:#1c4a3b;--good-fg:#b5ead6;--busy:#56b4e9;--busy-fg:#06263a;--gap:#e8751a;--gap-fg:#1c0d00;--refused:#cc79a7;--refused-fg:#2a0a1c;
--later:#e69f00;--later-fg:#2a1d00;--known:#1f4260;--known-fg:#bfdcf3;--unknown:#30383f;--unknown-fg:#b8c2ca;--past:#3a4249;--past-fg:#c6cfd6;
--ready:#0f7a5b;--wait:#b34c06;--idle:#44637f;--bad:#ff9d57}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:16px}
h2{font-size:1.05rem;margin:1.8rem 0 .6rem}
a{color:inherit}
.verdict{border-radius:12px;padding:18px 22px;color:#fff;background:var(--wait)}
.verdict.ready{background:var(--ready)}.verdict.active{background:var(--idle)}
.verdict h1{margin:0;font-size:1.6rem;line-height:1.25;letter-spacing:.01em}
.verdict .both{font-weight:600}.verdict .paused{margin:0 0 .6rem;font-weight:600}.verdict p,.verdict ul{margin:.5rem 0 0}.verdict ul{padding-left:1.1rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(250px,1fr));gap:12px;margin-top:12px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.card h2{margin:0 0 .4rem;font-size:1rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .9rem;margin:0}
dt{color:var(--soft)}dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.ok{color:var(--good-fg)}.bad{color:var(--bad);font-weight:600}
.soft{color:var(--soft)}
.repair,.loss{margin-top:12px}.repair p,.loss p{margin:.4rem 0 0}
progress{display:block;width:100%;height:8px;appearance:none;border:0;border-radius:4px;overflow:hidden;background:var(--line)}
progress::-webkit-progress-bar{background:var(--line)}progress::-webkit-progress-value{background:var(--busy)}progress::-moz-progress-bar{background:var(--busy)}
.map{overflow-x:auto;padding-bottom:4px}
.map table{border-collapse:separate;border-spacing:2px;width:100%}
.map th{font-weight:400;text-align:left;padding:0 12px 0 0;width:310px;min-width:310px;max-width:310px;font-size:.9rem;line-height:22px;position:sticky;left:0;background:var(--bg);z-index:1}
.map tbody th a{text-decoration-color:var(--line);text-underline-offset:3px}.map a:hover{text-decoration-color:currentColor}
.narrow th{width:210px;min-width:210px;max-width:210px}.map.calendar th{width:110px;min-width:110px}
.map td{height:22px;min-width:11px;padding:0;text-align:center;font:600 11px/22px ui-monospace,monospace;border-radius:3px}
.map .said{text-align:left;font:.9rem/22px system-ui,sans-serif;color:var(--soft)}
.map thead th,.map thead td{color:var(--soft);font:400 .78rem/1.4 system-ui,sans-serif;height:auto;text-align:left;white-space:nowrap;max-width:0}
.map thead td.end{direction:rtl;text-align:right}
.map td:focus-visible,.map a:focus-visible{outline:2px solid var(--fg);outline-offset:1px}
.month svg{display:block;width:100%;height:22px}.month rect{fill:var(--busy)}
.note{display:block;font-size:.85rem;line-height:1.35;color:var(--soft)}.more{margin-left:.5em;font-size:.8rem;color:var(--soft)}
.found{overflow-x:auto}.found table{border-collapse:collapse;width:100%;font-size:.9rem}.found th,.found td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums;font-weight:400}
.found thead th{color:var(--soft)}.found td:last-child{min-width:240px}
.g-good{background:var(--good);color:var(--good-fg)}.g-busy{background:var(--busy);color:var(--busy-fg)}
.g-gap{background:var(--gap);color:var(--gap-fg)}.g-refused{background:var(--refused);color:var(--refused-fg)}
.g-later{background:var(--later);color:var(--later-fg)}.g-known{background:var(--known);color:var(--known-fg)}
.g-past{background:var(--past);color:var(--past-fg)}
.g-unknown{background:repeating-linear-gradient(45deg,var(--unknown) 0 4px,transparent 4px 6px);color:var(--unknown-fg)}
td[aria-label]:hover::after,td[aria-label]:focus::after{content:attr(aria-label);position:fixed;z-index:3;left:50%;bottom:14px;transform:translateX(-50%);
width:max-content;max-width:min(720px,calc(100vw - 24px));padding:10px 16px;border-radius:10px;background:var(--fg);color:var(--bg);
font:13px/1.45 system-ui,sans-serif;text-align:left;white-space:pre-line;box-shadow:0 4px 20px #0007}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.1rem;list-style:none;padding:0;margin:.6rem 0;font-size:.85rem}
.legend li{display:flex;gap:.45rem;align-items:flex-start}.legend b{flex:none;width:20px;height:20px;border-radius:3px;text-align:center;font:600 11px/20px ui-monospace,monospace}
details{margin:.5rem 0}summary{cursor:pointer}
.folded{columns:260px;padding-left:1.1rem;margin:.4rem 0;font-size:.9rem}
.events{list-style:none;padding:0;margin:0;font-size:.9rem}.events li{padding:.25rem 0;border-top:1px solid var(--line)}
time{font-variant-numeric:tabular-nums}
footer{margin:2rem 0 1rem;color:var(--soft);font-size:.85rem}
@media(max-width:600px){main{padding:10px}.verdict{padding:14px 16px}.verdict h1{font-size:1.3rem}.map th{width:132px;min-width:132px;max-width:132px;font-size:.78rem;line-height:1.3}.map.calendar th{width:70px;min-width:70px}.map .said{line-height:1.35}.map .said,.found{font-size:.82rem}
.map thead th{white-space:normal}}
`.trim();
