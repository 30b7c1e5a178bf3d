"""Figures that answer back: each is a still picture, its data, and a script that takes them up."""
