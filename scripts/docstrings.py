"""Pages of the library from its code: names, signatures and docstrings. Nothing of it is imported."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "confianza"
FOLDERS = ["cooperation", "evidence", "trust", "planning", "reports"]
BLANK = "\n\n"
SECTION = re.compile(r"(\w[\w ]*)\n-{3,}\n")
Definition = ast.FunctionDef | ast.ClassDef


class Module:
    """A file of code: its lines and its tree."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.path = path
        self.lines = text.splitlines()
        self.tree = ast.parse(text)

    @property
    def name(self) -> str:
        """The name the module is imported by."""
        return dotted(self.path)

    def source(self, first: int, last: int) -> str:
        """Lines of the file, the first one at the margin."""
        return textwrap.dedent("\n".join(self.lines[first - 1 : last]))

    def function_head(self, node: ast.FunctionDef) -> str:
        """The head of a function as it is written."""
        return self.source(node.lineno, node.body[0].lineno - 1).rstrip(":")

    def class_head(self, node: ast.ClassDef) -> str:
        """The head of a class with its decorators and fields as they are written."""
        parts = [self.source(item.lineno, item.end_lineno) for item in node.decorator_list]
        decorators = "".join(f"@{part.strip().removeprefix('@')}\n" for part in parts)
        fields = [
            textwrap.indent(self.source(item.lineno, item.end_lineno), "    ")
            for item in node.body
            if isinstance(item, ast.AnnAssign | ast.Assign) and not target(item).startswith("_")
        ]
        head = self.source(node.lineno, max(node.lineno, node.body[0].lineno - 1)).rstrip()
        return "\n".join([f"{decorators}{head}", *fields])

    def find(self, name: str) -> tuple[Module, ast.stmt]:
        """Where a name of the module is defined or assigned, and what it is there."""
        for node in self.tree.body:
            if isinstance(node, Definition) and node.name == name:
                return self, node
            if isinstance(node, ast.Assign) and target(node) == name:
                return self, node
            if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
                origin = PACKAGE.parent.joinpath(*(node.module or "").split("."))
                path = origin / "__init__.py" if origin.is_dir() else origin.with_suffix(".py")
                return Module(path).find(name)
        raise LookupError(name, self.path)


def target(node: ast.AnnAssign | ast.Assign) -> str:
    """What is assigned to."""
    return ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def dotted(path: Path) -> str:
    """The name a module or folder is imported by."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def definitions(body: list[ast.stmt]) -> list[Definition]:
    """The public classes and functions of a module or class."""
    return [node for node in body if isinstance(node, Definition) and not node.name.startswith("_")]


def as_markdown(text: str) -> str:
    """A docstring in NumPy's layout as Markdown."""
    first, *sections = SECTION.split(text)
    parts = [prose(first)]
    for name, body in zip(sections[::2], sections[1::2], strict=True):
        is_list = name in {
            "Parameters",
            "Returns",
            "Yields",
            "Raises",
            "Attributes",
            "Warns",
            "Other Parameters",
        }
        parts.append(f"**{name}**\n\n{items(body) if is_list else prose(body)}")
    return "\n\n".join(parts)


def prose(text: str) -> str:
    """Text as it stands; paragraphs that are indented or begin with >>> are code."""
    blocks: list[list[str]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        is_code = paragraph.startswith(("  ", ">>>"))
        if is_code and blocks and blocks[-1][0] == "code":
            blocks[-1].append(paragraph)
        else:
            blocks.append(["code" if is_code else "text", paragraph])
    return BLANK.join(
        f"```text\n{textwrap.dedent(BLANK.join(parts))}\n```" if kind == "code" else BLANK.join(parts)
        for kind, *parts in blocks
    )


def items(text: str) -> str:
    """A list of a docstring: names at the margin, what they mean indented below."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        if not line.startswith(" "):
            lines.append(f"- `{line.strip()}`" if line.strip() else "")
        elif lines:
            lines.append(f"  {line.strip()}")
    return "\n".join(line for line in lines if line)


def entry(module: Module, node: Definition, level: int, owner: str = "") -> str:
    """A class or function with what it has."""
    name = f"{owner}{node.name}"
    head = module.class_head(node) if isinstance(node, ast.ClassDef) else module.function_head(node)
    if any(ast.unparse(item).endswith("property") for item in node.decorator_list):
        head = head.replace(f"def {node.name}(self) ->", f"{name}:")
    text = (
        f"{'#' * level} `{name}`\n\n```python\n{head}\n```\n\n{as_markdown(ast.get_docstring(node) or '')}\n"
    )
    if isinstance(node, ast.ClassDef):
        for item in definitions(node.body):
            text += "\n" + entry(module, item, level + 1, f"{node.name}.")
    return text


def sem_text() -> str:
    """What `confianza.sem` exports, in the order of its `__all__`, and the options of a fit."""
    face = Module(PACKAGE / "sem/__init__.py")
    _, names = face.find("__all__")
    parts = [f"{prose(ast.get_docstring(face.tree) or '')}\n"]
    for name in ast.literal_eval(names.value):
        module, node = face.find(name)
        if isinstance(node, Definition):
            parts.append(entry(module, node, 2))
        else:
            parts.append(f"## `{name}`\n\nAnother name of `{ast.unparse(node.value)}`.\n")
    module, options = Module(PACKAGE / "sem/options.py").find("Options")
    parts += [entry(*module.find(ast.unparse(base)), 2) for base in options.bases]
    return "\n".join([*parts, entry(module, options, 2)])


def module_text(module: Module) -> str:
    """A module with every public name."""
    head = f"## {module.name}\n\n{prose(ast.get_docstring(module.tree) or '')}\n"
    return head + "".join("\n" + entry(module, node, 3) for node in definitions(module.tree.body))


def api_pages(mark: str) -> dict[str, str]:
    """The pages by the name of what they describe; `mark` stands below each title.

    `confianza.sem` is what it exports; of the rest of the library each folder with public names has a page.
    """
    pages = {"confianza.sem": sem_text()}
    for path in sorted(path for folder in FOLDERS for path in (PACKAGE / folder).rglob("*.py")):
        module = Module(path)
        if definitions(module.tree.body):
            pages.setdefault(dotted(path.parent), "")
            pages[dotted(path.parent)] += ("\n" if pages[dotted(path.parent)] else "") + module_text(module)
    return {name: f"# {name}\n\n{mark}{text}" for name, text in pages.items()}
