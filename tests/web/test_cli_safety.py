"""The command line never loses a file, never waits to say no, and speaks one language at a time."""

import json
import socket
from pathlib import Path

import pytest

from service.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    "content", [b"my own notes", b"{}", b"[]", b'{"type": "FeatureCollection"}', b"\xff\xfe"]
)
def test_isochrone_never_overwrites_a_file_it_did_not_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    out = tmp_path / "mine.geojson"
    out.write_bytes(content)
    code, _, told = run(
        capsys, "isochrone", str(out), "--at", "0,0", "--out", str(out), "--lang", "en"
    )
    assert code == 2
    assert "not overwritten" in told
    assert out.read_bytes() == content


def test_a_busy_port_is_bad_input_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, told = run(
            capsys, "serve", "--studies", str(tmp_path), "--port", port, "--lang", "zh"
        )
    assert code == 2
    assert "--port" in told
    assert "无法在该地址监听" in told


def test_a_bad_standard_is_one_json_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema_version: 1\nnonsense: true\n", "utf-8")
    code, out, _ = run(capsys, "standard", "validate", str(bad), "--json")
    assert code == 2
    assert json.loads(out)["valid"] is False


def test_usage_errors_speak_the_asked_language(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = run(
        capsys, "analyse", "x.pbf", "--out", "o", "--walker", "bird", "--lang", "zh"
    )
    assert code == 2
    assert told.startswith("命令行参数有误")
    assert "Value error" not in told


def test_results_that_cannot_be_written_are_told_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    # The source does not exist either: the folder is asked about first.
    code, _, told = run(
        capsys, "analyse", "nowhere.pbf", "--out", str(tmp_path / "o"), "--lang", "en"
    )
    assert code == 2
    assert "Permission denied" in told


def test_warnings_are_told_on_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from service.commands.console import Speaker
    from service.commands.options import LanguageChoice
    from service.commands.summary import _warnings

    document = {
        "notices": [
            {"code": "a", "severity": "info", "count": 9, "zh": "略", "en": "left out"},
            {"code": "b", "severity": "warning", "count": 1, "zh": "一", "en": "one home lost"},
            {"code": "c", "severity": "warning", "count": 5, "zh": "五", "en": "five rows outside"},
        ]
    }
    _warnings(Speaker(LanguageChoice.EN, quiet=False, as_json=False), document, tmp_path)
    told = capsys.readouterr().out
    assert "2 warnings" in told
    assert told.index("five rows outside") < told.index("one home lost")
    assert "left out" not in told
