"""A built book of two chapters: what the slides and the printed book are tried on."""

from pathlib import Path

TOC = """root: index
parts:
  - caption: The only part
    chapters:
      - file: chapters/rule
      - file: chapters/use
"""
PAGE = """<!doctype html><html><head><title>{title}</title>
<link rel="stylesheet" href="{up}_static/book.css?v=1">
<link rel="canonical" href="https://a.b/book/{name}.html"></head>
<body><article class="bd-article"><section id="{stem}">
<h1><span class="section-number">1. </span>{title}<a class="headerlink" href="#{stem}">#</a>
</h1>
{text}</section></article></body></html>"""
DRAWING = """<svg viewBox="0 0 200 100"><defs><path id="{0}" d="M0 0h9"/></defs>
<use xlink:href="#{0}"/></svg>"""
RULE = f"""
<p><strong>After this chapter you can</strong> state a rule.</p><p>Why rules? They are short.</p>
<section id="the-rule"><h2>The rule</h2>
<p>Networks get wider. This is called a <strong>rule</strong>
<span class="bibtex-citation">[<a href="#id1">A, 2020</a>]</span>. It has a number:</p>
<div class="math notranslate" id="equation-wide"><span class="eqno">(1.1)</span>
\\[w_{{i}} \\le w_{{i+1}}\\]</div>
<p>Which one wins? Nobody knows.</p>
<figure id="fig-wide"><div class="picture" role="img" aria-label="Two lines.">
{DRAWING.format("mark")}{DRAWING.format("dot")}</div>
<details><summary>As a table</summary><table><tr><td>9</td></tr></table></details>
<script>alert(1)</script>
<figcaption><p><span class="caption-number">Fig. 1.1 </span><span class="caption-text">Two
lines. <span class="pasted-text">30</span> networks.</span></p></figcaption></figure>
<p>The <strong>upper</strong> one is better.</p>
<div class="cell"><div class="cell_input"><pre>print(1)</pre></div><div class="cell_output">
<table class="dataframe"><tr><th>name</th><th>error</th></tr>
<tr><th>A</th><td>12.5</td></tr></table>
</div></div>
<div class="cell tag_slide"><div class="cell_input"><pre>shown = 1</pre></div></div>
<section id="inside"><h3>Inside</h3><p>Nothing but words. See <a href="use.html#here">there</a>.</p>
</section></section>
<section id="in-other-frameworks"><h2>In other frameworks</h2><p>The same.</p>
<div class="sd-tab-set"><input id="tab-0" name="set" type="radio"><label class="sd-tab-label"
for="tab-0">JAX</label><div class="sd-tab-content">
<pre>{"a long line " * 30}</pre></div></div></section>
<section id="exercises"><h2>Exercises</h2><div class="exercise admonition" id="ex-one">
<p class="admonition-title">Exercise 1.1 (Count)</p>
<section><p>How many? Tell it.</p></section></div>
<div class="solution dropdown admonition">
<p class="admonition-title">Solution</p><p>Two.</p></div>
</section>
<section id="references"><h2>References</h2><p>A, 2020.</p></section>"""
USE = """<p>After this chapter you can use it.</p>
<section id="here"><h2>Here</h2><p>A sentence of no weight.
<span class="slide">This one is marked.</span>
And <strong>this</strong> is not.</p><p><a href="rule.html#fig-wide">Fig. 1.1</a> and
<a href="rule.html">all of it</a>.</p></section>
<section id="what-to-take-along"><h2>What to take along</h2><p>First. Second, too.</p></section>"""


def small_book(folder: Path) -> tuple[Path, Path]:
    """(html, _toc.yml) below the folder."""
    html = folder / "html"
    pages = {
        "index": ("A small book", '<p>Begin with <a href="chapters/rule.html">the rule</a>.</p>'),
        "chapters/rule": ("State a rule", RULE),
        "chapters/use": ("Use it", USE),
    }
    for name, (title, text) in pages.items():
        path = html / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * name.count("/")
        page = PAGE.format(title=title, name=name, stem=path.stem, up=up, text=text)
        path.write_text(page, encoding="utf-8")
    (html / "_static" / "mathjax").mkdir(parents=True)
    (html / "_static" / "mathjax" / "tex-mml-chtml.js").touch()
    (html / "_static" / "book.css").touch()
    toc = folder / "_toc.yml"
    toc.write_text(TOC, encoding="utf-8")
    return html, toc
