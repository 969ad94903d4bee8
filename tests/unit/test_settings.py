"""The settings: each with its default, each mistake named with its line, and the rest still works."""

from wend.settings import Settings
from wend.settings_file import parse


def test_an_empty_file_gives_the_defaults():
    assert parse("", "c") == (Settings(), ())


def test_every_setting_is_read():
    text = """
        hints = false
        [trust]
        policy = "ask"
        roots = ["~/work", "/srv"]
        [prompt]
        mode = "never"
        format = "[{name}] "
        [detect]
        names = ["envs"]
        kinds = ["pyenv", "venv"]
        [bash]
        wrap_cd = false
        [daemon]
        idle_exit = 0.5
    """
    settings, mistakes = parse(text, "c")
    assert mistakes == ()
    wanted = ("ask", ("~/work", "/srv"), "never", "[{name}] ", ("envs",), ("pyenv", "venv"), False, False, 0.5)
    assert settings == wanted
    assert not set(settings) & (set(Settings()) - {False})


def test_mistakes_are_named_with_their_line_and_the_rest_works():
    text = '[trust]\npolicy = "sometimes"\nroots = ["/srv"]\n[detect]\nkinds = ["venv", "vnev"]\n[x]\ny = 1\n'
    settings, mistakes = parse(text, "c.toml")
    assert settings == Settings(trust_roots=("/srv",))
    assert [mistake.split(" ")[0] for mistake in mistakes] == ["c.toml:2:", "c.toml:5:", "c.toml:7:"]
    assert "vnev" not in "".join(mistakes[0])


def test_no_toml_at_all_is_one_mistake():
    for text in ("[", "a = ", "[" * 5000, "\udcff = 1"):
        settings, mistakes = parse(text, "c")
        assert settings == Settings()
        assert len(mistakes) == 1


def test_a_setting_names_kinds_as_documents_do():
    names = ["venv", "poetry", "pipenv", "pdm", "hatch", "pixi", "conda", "virtualenvwrapper", "pyenv"]
    assert parse(f"detect.kinds = {names}", "c") == (Settings(detect_kinds=tuple(names)), ())
    for other in ("setting", "uv", "pointer", "python"):
        assert "a list of kinds: venv, " in parse(f'detect.kinds = ["{other}"]', "c")[1][0]
