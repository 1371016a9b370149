"""Lets PyPI's CUDA build of torch load on a machine without CUDA's libraries, of which a CPU server would never call one.

There is no CPU build of torch on PyPI for Linux on x86-64, and the libraries that its CUDA build names are 2 GB. For each
one that is missing this writes an empty shared library into torch/lib, where torch looks first. It has the symbols that
torch wants of it, in the versions that torch wants, all bound to an instruction that ends the process: a call that should
never happen is loud. The two libraries that do run at load time, cudart and cupti, are small and come from PyPI.

Usage: cuda_stand_ins.py VENV   (needs gcc, and readelf of binutils)
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

LOADED_LATE = {"libcuda.so.1"}  # the driver, opened when a device is asked for


def said(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def libraries_named_by(path):
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", said("readelf", "-dW", path))


def owners_of_versions(path):
    """Symbol version -> the library that it is wanted from."""
    owners, library, wanted = {}, None, False
    for line in said("readelf", "-VW", path).splitlines():
        if line.startswith("Version "):
            wanted = "needs section" in line
        if not wanted:
            continue
        if found := re.search(r"File: (\S+)", line):
            library = found.group(1)
        if (found := re.search(r"Name: (\S+)", line)) and library:
            owners[found.group(1)] = library
    return owners


def symbols_of(path):
    """(name, version or None, whether it is defined here, whether it may be absent)"""
    for line in said("readelf", "--dyn-syms", "-W", path).splitlines():
        parts = line.split()
        if len(parts) >= 8 and parts[0].rstrip(":").isdigit():
            name, _, version = parts[7].replace("@@", "@").partition("@")
            yield name, version or None, parts[6] != "UND", parts[4] == "WEAK"


def wanted_symbols(consumers, present, missing):
    """Library -> version -> names; and the names that have no version, which may stand in any library."""
    defined = {name for path in present for name, _, here, _ in symbols_of(path) if here}
    wanted, loose = collections.defaultdict(lambda: collections.defaultdict(set)), set()
    for path in consumers:
        owners = owners_of_versions(path)
        for name, version, here, optional in symbols_of(path):
            if here or optional or not name or name in defined:
                continue
            if version is None:
                loose.add(name)
            elif owners.get(version) in missing:
                wanted[owners[version]][version].add(name)
    return wanted, loose


def write_library(target, versions, names):
    with tempfile.TemporaryDirectory() as folder:
        source, script = pathlib.Path(folder, "s.S"), pathlib.Path(folder, "v.map")
        labels = "".join(f'.globl "{name}"\n.type "{name}",@function\n"{name}":\n' for name in sorted(names))
        source.write_text(f'.section .note.GNU-stack,"",@progbits\n.text\n{labels}ud2\n')
        script.write_text(
            "".join(f"{node} {{ global: {' '.join(f'{chr(34)}{n}{chr(34)};' for n in sorted(own))} }};\n" for node, own in versions.items())
        )
        options = [f"-Wl,--version-script={script}"] if versions else []
        command = ["gcc", "-shared", "-nostdlib", "-o", target, source, f"-Wl,-soname,{target.name}", *options]
        subprocess.run(command, check=True)


def main(venv):
    (site,) = pathlib.Path(venv).glob("lib/python3.*/site-packages")
    folder = site / "torch" / "lib"
    own = list(folder.glob("*.so*"))
    present = own + list(site.glob("nvidia/*/lib/*.so*"))
    system = {line.split()[0] for line in said("/sbin/ldconfig", "-p").splitlines()[1:] if line.split()}
    consumers = own + list(site.glob("torch/_C*.so"))
    there = {path.name for path in present} | system | LOADED_LATE
    missing = sorted({name for path in consumers for name in libraries_named_by(path)} - there)
    wanted, loose = wanted_symbols(consumers, present, set(missing))
    for at, name in enumerate(missing):
        versions = wanted[name]
        write_library(folder / name, versions, set().union(*versions.values()) | (loose if at == 0 else set()))
    print(f"{len(missing)} stand-ins")


if __name__ == "__main__":
    main(sys.argv[1])
