"""Write the bill of materials of what everybody installs: CycloneDX JSON with versions and licenses.

python scripts/sbom.py FILE      the distributions that `pip install confianza` brings, as installed here, and the
                                 scripts of others that the pages ship
"""

import json
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "src/confianza/server/web/static/web/LICENSES.txt"  # made by scripts/pages/build.sh


def required_names() -> set[str]:
    """Names of everything that `pip install confianza` brings on this machine, itself left out."""
    names: set[str] = set()
    waiting = ["confianza"]
    while waiting:
        for requirement in map(Requirement, distribution(waiting.pop()).requires or []):
            name = canonicalize_name(requirement.name)
            needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if needed and name not in names:
                names.add(name)
                waiting.append(name)
    return names


def scripts_of_others() -> list[dict]:
    """The packages that the scripts of the pages are built from."""
    listed = re.findall(r"^(@?[\w./-]+) (\d\S*) \((.+)\)$", SCRIPTS.read_text(encoding="utf-8"), re.MULTILINE)
    return [
        {
            "type": "library",
            "bom-ref": f"npm:{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{version}",
            "licenses": [{"expression": text}],
        }
        for name, version, text in listed
    ]


def bill_of_materials() -> dict:
    """The bill of this environment, without what only developers install."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", sys.executable, "--output-reproducible"]
    command += ["--no-validate", "--pyproject", str(ROOT / "pyproject.toml")]
    bill = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)  # noqa: S603
    names = required_names()
    bill["components"] = [
        component for component in bill["components"] if canonicalize_name(component["name"]) in names
    ]
    for component in bill["components"]:
        license_text = distribution(component["name"]).metadata.get("License")
        if not component.get("licenses") and license_text:
            component["licenses"] = [{"license": {"name": license_text}}]
    bill["components"] += scripts_of_others()
    references = {bill["metadata"]["component"]["bom-ref"], *(item["bom-ref"] for item in bill["components"])}
    bill["dependencies"] = [
        {**item, "dependsOn": [name for name in item.get("dependsOn", []) if name in references]}
        for item in bill["dependencies"]
        if item["ref"] in references
    ]
    return bill


def main(path: Path) -> int:
    bill = bill_of_materials()
    text = json.dumps(bill, indent=1, ensure_ascii=False) + "\n"
    if problem := JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(text):
        print(f"The bill is not valid CycloneDX: {problem}", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
