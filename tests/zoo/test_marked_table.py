import pytest

from dtf_keras.zoo.marked_table import has_marks, write_table

MARKS = "# Title\n\n<!-- results:begin -->\nold\n<!-- results:end -->\n\nafter\n"


def test_only_what_is_between_the_marks_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(MARKS)
    write_table(readme, "results", "| new |")
    assert readme.read_text() == MARKS.replace("old", "| new |")
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="results:begin"):
        write_table(readme, "results", "| new |")
    assert readme.read_text() == "no marks"


def test_a_readme_that_cannot_be_read_is_named(tmp_path):
    readme = tmp_path / "README.md"
    with pytest.raises(FileNotFoundError, match=r"There is no file .*README\.md"):
        write_table(readme, "results", "| new |")
    readme.write_bytes(MARKS.encode("utf-16"))
    with pytest.raises(ValueError, match=r"README\.md is not UTF-8 text"):
        write_table(readme, "results", "| new |")


def test_a_page_is_asked_for_its_tables(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(MARKS)
    assert has_marks(page, "results")
    assert not has_marks(page, "models")
    with pytest.raises(ValueError, match="models:begin"):
        write_table(page, "models", "| new |")
