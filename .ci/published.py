"""Checks the poms and jars of a release that was deployed to a folder."""

import pathlib
import sys
import xml.etree.ElementTree
import zipfile

POM = "{http://maven.apache.org/POM/4.0.0}"
NEEDED = ["name", "description", "url", "organization/name", "licenses/license/url",
          "developers/developer/name", "scm/url", "scm/connection"]
FORBIDDEN = ["parent", "build", "profiles", "properties", "repositories", "distributionManagement"]
faults = []


def find(element, path):
    return element.find("/".join(POM + name for name in path.split("/")))


def text(element, path):
    found = find(element, path)
    return "" if found is None or found.text is None else found.text.strip()


def dependencies(element):
    return [] if element is None else element.findall(f"{POM}dependencies/{POM}dependency")


def check_pom(name, file):
    pom = xml.etree.ElementTree.parse(file).getroot()
    faults.extend(f"{name}: the pom has no {path}" for path in NEEDED if not text(pom, path))
    faults.extend(f"{name}: the pom has a <{tag}>" for tag in FORBIDDEN if find(pom, tag) is not None)
    if name != "pluggable-bom" and find(pom, "dependencyManagement") is not None:
        faults.append(f"{name}: the pom manages dependencies")
    for dependency in dependencies(pom):
        artifact, version = text(dependency, "artifactId"), text(dependency, "version")
        if not version or "${" in version:
            faults.append(f"{name}: {artifact} has the version '{version}'")
        if text(dependency, "scope") == "test":
            faults.append(f"{name}: {artifact} is for tests only")
    return pom


def check_jars(name, folder):
    jars = {"": None, "-sources": None, "-javadoc": None}
    for suffix in jars:
        found = [jar for jar in folder.glob("*.jar")
                 if jar.stem.endswith(suffix) and (suffix or not jar.stem.endswith(("sources", "javadoc", "tests", "all")))]
        if len(found) == 1:
            with zipfile.ZipFile(found[0]) as jar:
                jars[suffix] = {entry: jar.read(entry) for entry in jar.namelist() if not entry.endswith("/")}
        elif suffix == "" or not name.endswith("-starter"):
            faults.append(f"{name}: {len(found)} jars{suffix}")
    manifest = (jars[""] or {}).get("META-INF/MANIFEST.MF", b"").decode()
    if "Automatic-Module-Name: dev.pluggable." not in manifest:
        faults.append(f"{name}: the manifest has no module name")
    if name.endswith("-starter"):
        if "Spring-Boot-Jar-Type: dependencies-starter" not in manifest or len(jars[""] or {}) != 1:
            faults.append(f"{name}: the jar of a starter must contain a manifest with the jar type, and nothing else")
    else:
        if not any(entry.endswith(".java") for entry in jars["-sources"] or {}):
            faults.append(f"{name}: no sources")
        pages = [entry for entry in jars["-javadoc"] or {} if entry.endswith(".html")]
        if not pages:
            faults.append(f"{name}: no Javadoc")
        faults.extend(f"{name}: Javadoc of {page}" for page in pages if "dev/pluggable/internal/" in page)
    if len(list(folder.glob("*-cyclonedx.json"))) != 1:
        faults.append(f"{name}: no bill of materials")


def main():
    folders = {folder.name: folder for folder in pathlib.Path(sys.argv[1], "dev/pluggable").iterdir()}
    managed = set()
    for name, folder in sorted(folders.items()):
        (version,) = [path for path in folder.iterdir() if path.is_dir()]
        (file,) = version.glob("*.pom")
        pom = check_pom(name, file)
        if name == "pluggable-bom":
            managed = {text(dependency, "artifactId") for dependency in dependencies(find(pom, "dependencyManagement"))}
        else:
            check_jars(name, version)
    published = set(folders) - {"pluggable-bom"}
    if managed != published:
        faults.append(f"The BOM manages {sorted(managed)}, but the release publishes {sorted(published)}")
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
