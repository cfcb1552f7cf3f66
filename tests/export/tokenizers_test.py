#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tokenizer.json of a saved model gives another program, @huggingface/tokenizers, the tokens that the model has: of names, of
texts with whatever characters, and of bytes.

The package is fetched with npm, once, into the build folder.

usage: tokenizers_test.py PROGRAM BUILD
Exit status: 77, skipped, where there is no Node.js with npm, or npm fetches nothing.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGE, VERSION = "@huggingface/tokenizers", "0.2.0"
SKIPPED = 77

# What breaks readers: zero bytes, ends of lines, spaces of several kinds and in a row, U+FEFF, what combines, more than 16 bits,
# the names of BOS and of what JavaScript has in each object, and digits, which are keys of another kind there.
TEXT = ("emma\n\n zoë\0\t \r\n  Größe 😀👍🏽 <BOS> x\ufeffy\u2028\u00a0\u0301e\u0301 __proto__ constructor 0123456789 \"'\\/ .,!? ' s n't\n"
        "\U0010FFFD\ue000\u007f\u0085\u00ad") * 40
READ = TEXT.replace("\r\n", "\n")  # as a corpus is read: "\r" is among the characters that it does not have
TEXTS = ["", "emma", "zoë", " ", "  ", "\n", "\r\n", "\t", "\0", "a\0b", "\0\0", "\ufeff", "\ufeffy", "x\ufeff", "😀", "👍🏽", "😀😀 😀", "e\u0301",
         "\u0301", "\u2028", "\u00a0", "1234", "0", "__proto__", "constructor", "\"'\\/", " .", " , !", "n't s", "\U0010FFFD\ue000",
         "\u007f\u0085\u00ad", "Größe", "<BOS", "BOS>", TEXT[:200]]
UNSEEN = ["Ω", "eΩΩm", "日本", "😎 emma"]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def fetched(build):
    """The folder of the package."""
    package = build / "node_modules" / PACKAGE
    if not (shutil.which("node") and shutil.which("npm")):
        skip("there is no Node.js with npm")
    description = package / "package.json"
    if not description.exists() or json.loads(description.read_text())["version"] != VERSION:
        done = subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", build,
                               f"{PACKAGE}@{VERSION}"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            skip(f"npm does not fetch {PACKAGE}: {done.stderr}")
    return package


def tokens_of(package, folder, texts):
    script = pathlib.Path(__file__).with_name("tokenizers.mjs")
    done = subprocess.run(["node", script, package], input=json.dumps({"folder": str(folder), "texts": texts}), check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def train(program, folder, corpus, *flags):
    subprocess.run([program, "train", *([corpus] if corpus else []), "-o", folder, "--num-steps", "1", "--num-samples", "0", "--quiet",
                    "--n-embd", "4", "--n-head", "1", "--n-layer", "1", *flags], check=True, capture_output=True)


def check(package, folder, texts, characters_of, vocabulary):
    """The tokens are the places of the characters in the order of all, and BOS stands for those that there are not."""
    numbers = {character: number for number, character in enumerate(sorted(vocabulary))}
    bos = len(numbers)
    for text, found in zip(texts, tokens_of(package, folder, texts), strict=True):
        expected = [numbers.get(character, bos) for character in characters_of(text)]
        assert found["ids"] == expected, (text, found["ids"], expected)
        assert found["with_bos"] == [bos, *expected], (text, found["with_bos"], bos, expected)
        if bos not in expected:
            assert found["decoded"] == text, (text, found["decoded"])
    assert bos == json.loads((folder / "config.json").read_text())["bos_token_id"]


def check_same(package, folder, texts, others):
    """These texts have the tokens of those."""
    found = [each["ids"] for each in tokens_of(package, folder, [*texts, *others])]
    assert found[:len(texts)] == found[len(texts):], (texts, found)


def main():
    program, build = sys.argv[1], pathlib.Path(sys.argv[2])
    package = fetched(build)
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        (folder / "text").write_bytes(TEXT.encode())
        train(program, folder / "names", None)
        names = ["emma", "olivia", "", "a", "zzz", "Emma", "<BOS>x", "anna maria"]
        check(package, folder / "names", [name for name in names if "<BOS>" not in name], list, "abcdefghijklmnopqrstuvwxyz")
        (folder / "cases").write_text("Emma\nGr\u00f6\u00dfe\n\u00c4RGER\n\u0416\u03a9a\n")
        train(program, folder / "folded", folder / "cases", "--fold-case")
        folded = "emagrößeärgerжω"
        check(package, folder / "folded", ["emma", "größe", "ärger", "жωa"], list, set(folded))
        check_same(package, folder / "folded", ["EMMA", "Größe", "ÄRGER", "ЖΩA"], ["emma", "größe", "ärger", "жωa"])
        train(program, folder / "characters", folder / "text", "--split", "text")
        check(package, folder / "characters", [*TEXTS, *UNSEEN, "<BOS>", "a <BOS> b"], list, set(READ))
        train(program, folder / "bytes", folder / "text", "--split", "text", "--encoding", "bytes")
        check(package, folder / "bytes", [*TEXTS, *UNSEEN, "<BOS>", "a <BOS> b"], lambda text: list(text.encode()), set(READ.encode()))
        (folder / "text").write_bytes(bytes(range(256)) * 40)
        train(program, folder / "all", folder / "text", "--split", "text", "--encoding", "bytes")
        check(package, folder / "all", [*TEXTS, *UNSEEN, "<BOS>"], lambda text: list(text.encode()), set(range(256)) - {ord("\r")})


if __name__ == "__main__":
    main()
