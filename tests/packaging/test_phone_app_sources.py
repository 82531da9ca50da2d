"""The rules that the build holds the app's own sources to, each broken once."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ANDROID = Path(__file__).parents[2] / "packaging" / "android"
RESOURCES = ANDROID / "app" / "src" / "main" / "res"


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ANDROID))
    monkeypatch.delitem(sys.modules, "sources", raising=False)
    return importlib.import_module("sources")


def java(body: str, head: str = "") -> str:
    return f"package some;\n{head}\nclass Sample {{\n    void work() {{\n{body}\n    }}\n}}\n"


def test_the_sources_break_no_rule(sources):
    assert list(sources.source_faults(ANDROID / "app" / "src" / "main")) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (java("", "import java.util.*;"), "imports a whole package"),
        (java("", "import java.util.List;"), "imports List for nothing"),
        (java('        Log.i(TAG, "saw " + label);'), "logs what the camera or the model saw"),
        (java('        Log.d(TAG, "x",\n            model.scores);'), "logs what"),
        (java('        view.setText("Hello");'), "shows text that is no resource"),
        (java('        canvas.drawText(n + " ms", x, y);'), "shows text that is no resource"),
        (java("        System.out.println(1);"), "prints"),
        (java("        error.printStackTrace();"), "prints"),
        (java("        int a;\n" * 58), "work has 61 lines"),
        (java("        int a; "), "a blank at its end"),
        (java("\tint a;"), "with a tab"),
        (java("        // " + "x" * 90), "over 100 columns"),
        ("\n" * 401, "a file has at most 400 lines"),
    ],
)
def test_broken_rule_is_named_with_its_place(sources, text, what):
    (found,) = sources.java_faults("Sample.java", text)
    assert found.startswith("Sample.java:")
    assert what in found


@pytest.mark.parametrize(
    "text",
    [
        java('        Log.w(TAG, name + " is left out: " + e.getMessage());'),
        java('        view.setText(R.string.hello); // "in words"'),
        java('        canvas.drawText("+", x, y); drawText(String.format("%.1f", v), x, y);'),
        java("        List<String> a;", "import java.util.List;"),
        java("        /** {@link List}. */", "import java.util.List;"),
        java("        int a;\n" * 57),
        java("        new Thread() {\n            { }\n        };\n        if (a) { } else { }"),
    ],
)
def test_good_source_is_left_in_peace(sources, text):
    assert list(sources.java_faults("Sample.java", text)) == []


def test_methods_are_found_among_blocks_literals_and_anonymous_classes(sources):
    text = """class Sample {
    private static final int[] TABLE = {1, 2};
    Sample(int a, int b)
            throws Exception {
        String brace = "}"; char other = '{'; // }
        run(new Runnable() {
            @Override
            public void run() {
                for (int i = 0; i < 3; i++) { }
            }
        });
    }
}
"""
    assert list(sources.methods(text)) == [("run", 8, 3), ("Sample", 3, 10)]


def test_text_in_a_layout_is_noticed(sources):
    android = 'xmlns:android="http://schemas.android.com/apk/res/android"'
    text = f'<View {android}><Button android:text="Go" /><A android:text="@string/go" /></View>'
    assert list(sources.layout_faults("main.xml", text)) == [
        "main.xml: android:text='Go' is no resource"
    ]


def test_languages_must_say_the_same(sources):
    english = (
        '<resources><string name="name" translatable="false">Lab</string>'
        '<string name="a">%1$d of %2$s</string><string name="b">Go</string></resources>'
    )
    german = (
        '<resources><string name="a">%1$s von %2$s</string>'
        '<string name="c">Los</string></resources>'
    )
    assert list(sources.string_faults(english, {"values-de": german})) == [
        "values-de: b is missing",
        "values-de: c is not wanted",
        "values-de: a has other placeholders",
    ]


def test_text_that_nothing_uses_is_noticed(sources):
    texts = '<resources><string name="a">A</string><string name="b">B</string></resources>'
    assert list(sources.unused_strings(texts, ["R.string.a"])) == [
        "values: nothing uses the string b"
    ]


def test_german_and_english_have_the_same_texts_and_placeholders(sources):
    english, fixed = sources.strings((RESOURCES / "values/strings.xml").read_text("utf-8"))
    german, _ = sources.strings((RESOURCES / "values-de/strings.xml").read_text("utf-8"))
    assert german.keys() == english.keys() - fixed
    for name, text in german.items():
        assert sources.placeholders(text) == sources.placeholders(english[name]), name
        assert text != english[name] or name == "pause", f"{name} is not translated"
