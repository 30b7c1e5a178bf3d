"""Decks of slides from the built pages: one a chapter, and one for a talk.

`python -m slides` writes them beside the pages, into html/slides/. What a slide shows is decided by
the chapter (see `collect`), the order of the talk by talk.yml.
"""
