"""Make, restore and write down a project's environment.

`project` and `tools` read what there is, `planning` turns that into commands by the rules of one tool (`rules`)
without touching anything, `running` runs them. `installed`, `drift` and `freezing` compare and write down what an
environment holds.
"""
