extension Page {
  /// Colours are told apart by shape, dash or lightness too. Text has a contrast of at least 4.5 to its paper, lines and
  /// marks at least 3, in both schemes.
  static let style = """
    :root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--faint:#5b6675;--line:#d5dbe3;--reference:#8794a6;
    --current:#0b6bcb;--alarm:#b3261e;--band:#f3f6fa;
    --p0:#0b6bcb;--p1:#5b6675;--p2:#b45309;--p3:#0f7b4f;--p4:#8b3fc0;--p5:#b3261e;--p6:#0e7490;--p7:#7a5c00;
    --h0:#eef2f7;--h1:#cfe0f3;--h2:#9cc3e8;--h3:#f2a35e;--h4:#cf5f14;--h5:#7d2400}
    @media (prefers-color-scheme:dark){:root{--paper:#14181f;--ink:#e6eaf0;--faint:#9aa6b5;--line:#343c48;
    --reference:#7c8999;--current:#5aa9f5;--alarm:#ff8a80;--band:#1c222b;
    --p0:#5aa9f5;--p1:#9aa6b5;--p2:#f0a04b;--p3:#4cc38a;--p4:#c79bf2;--p5:#ff8a80;--p6:#4fc3d9;--p7:#d9b84a;
    --h0:#1f2732;--h1:#25405e;--h2:#2f6596;--h3:#b8691f;--h4:#f0953f;--h5:#ffd9a8}}
    *{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);
    font:1rem/1.5 system-ui,sans-serif}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}h3{font-size:1rem}
    h1,h2,h3,p,li{overflow-wrap:anywhere}a{color:var(--current)}
    .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    caption{text-align:left;color:var(--faint);font-size:.85rem;padding-bottom:.2rem}
    th,td{padding:.3rem .45rem;font-size:.92rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
    thead th{white-space:normal;vertical-align:bottom}
    th:first-child,td:first-child{text-align:left;padding-left:0}tbody th{font-weight:400}
    .drift,.yes{color:var(--alarm);font-weight:600}.lead{font-weight:600}
    .grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr))}
    .grid.wide{grid-template-columns:repeat(auto-fill,minmax(min(30rem,100%),1fr))}
    figure{margin:0;padding:.6rem;border:1px solid var(--line);border-radius:.4rem;break-inside:avoid;min-width:0}
    figcaption{font-weight:600;overflow-wrap:anywhere}figure p{margin:.4rem 0 0;font-size:.85rem;color:var(--faint)}
    .drawing{display:block;width:100%;height:auto}.chart{display:block;width:100%;overflow:visible}
    svg text{fill:var(--faint);font:11px system-ui,sans-serif}.faint{color:var(--faint)}
    .chart text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}
    .r{fill:var(--reference)}.c{fill:var(--current)}.axis{stroke:var(--line)}
    .chart polyline{vector-effect:non-scaling-stroke;stroke-linejoin:round}
    .score{fill:none;stroke:var(--current);stroke-width:1.5}.limit{stroke:var(--alarm);stroke-dasharray:4 3}
    .alarm{stroke:var(--alarm);stroke-width:1.5}.band{fill:var(--band)}.marked{border-color:var(--alarm)}
    .scroll+.scroll,figure+p,figure+figure,figure+.scroll,.grid+p{margin-top:1rem}.grid figure{margin:0}
    .changed{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:1 4;stroke-linecap:round}
    .legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;margin:.3rem 0 0;padding:0;font-size:.85rem}
    .legend li{display:flex;align-items:center;gap:.4rem}.legend svg{flex:none;overflow:visible}
    .p{fill:none;stroke-width:1.75}.m{stroke-width:1.5}
    .p0{stroke:var(--p0)}.p1{stroke:var(--p1);stroke-dasharray:6 4}.p2{stroke:var(--p2);stroke-dasharray:2 3}
    .p3{stroke:var(--p3);stroke-dasharray:10 3 2 3}.p4{stroke:var(--p4);stroke-dasharray:12 5}
    .p5{stroke:var(--p5);stroke-dasharray:5 2 1 2 1 2}.p6{stroke:var(--p6);stroke-dasharray:1 2}
    .p7{stroke:var(--p7);stroke-dasharray:14 3 3 3 3 3}
    .m0{fill:var(--p0);stroke:var(--p0)}.m1{fill:var(--p1);stroke:var(--p1)}.m2{fill:var(--p2);stroke:var(--p2)}
    .m3{fill:var(--p3);stroke:var(--p3)}.m4{fill:var(--p4);stroke:var(--p4)}.m5{fill:var(--p5);stroke:var(--p5)}
    .m6{fill:var(--p6);stroke:var(--p6)}.m7{fill:var(--p7);stroke:var(--p7)}
    .ink{fill:var(--ink);stroke:var(--ink)}.hot{fill:var(--alarm);stroke:var(--alarm)}
    .good{fill:var(--p3);stroke:var(--p3)}.open{fill:var(--paper);stroke:var(--ink)}.own{fill:none;stroke:var(--p0);
    stroke-width:1.75}.other{fill:none;stroke:var(--p1);stroke-width:1.25;stroke-dasharray:4 3}
    .map{table-layout:fixed}.map th,.map td{white-space:normal;padding:.15rem .4rem .15rem 0;font-size:.85rem}
    .map th:first-child{width:30%;overflow-wrap:anywhere}.map th:nth-child(n+3){width:3.8rem}
    .map td:last-child,.map th:last-child{padding-right:0}
    .ends{display:flex;justify-content:space-between;gap:.5rem;font-weight:400;white-space:nowrap}
    nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0}
    .name{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
    .strip{display:block;width:100%;height:1.3rem;shape-rendering:crispEdges}
    .h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}
    .past{fill:var(--ink)}.blank{fill:none;stroke:var(--line);vector-effect:non-scaling-stroke}
    .key{border:1px solid var(--line)}summary{cursor:pointer;margin:.4rem 0}
    @media print{body{max-width:none;padding:0}figure{border-color:#999}.scroll{overflow:visible}
    th,td{padding:.15rem .2rem;font-size:.68rem;white-space:normal}tr{break-inside:avoid}h2,h3{break-after:avoid}}
    @page{margin:12mm}
    """
}
