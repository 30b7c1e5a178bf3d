"""The book as one PDF, printed from the built pages.

`python -m printed` puts all pages behind one another, with a cover and a table of contents, and has
a browser print them twice: to learn on which sheet each section begins, then with these numbers.
"""
