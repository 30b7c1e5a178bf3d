"""What `python -m designspaces` can do: a module a kind of work, each with its commands."""
