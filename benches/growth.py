#!/usr/bin/env python3
"""Processor time and peak memory of whole runs of the program, for photos and numbers of dots of all sizes.

    cargo build --release && python3 benches/growth.py

Prints the tables of PERFORMANCE.md. Needs Pillow, which makes the photos and is one of the peers; libvips is another one, if
it is installed. Every figure is the median of several runs; programs take turns, so that a slow minute is slow for all.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFilter

PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) == 2 else "target/release/scalp-studio")
RUNS = 3
MEGAPIXELS = [1, 4, 12, 48, 200]
DOTS = [10_000, 100_000, 1_000_000]

# What a script that knows nothing of skin would do: discs of one colour, in sample values.
PILLOW = """
import csv, sys
from PIL import Image, ImageDraw
photo, dots, output = sys.argv[1:]
image = Image.open(photo).convert('RGB')
draw = ImageDraw.Draw(image, 'RGBA')
with open(dots) as rows:
    for row in csv.DictReader(rows):
        x, y, r = float(row['x_px']), float(row['y_px']), 0.5 * float(row['fwhm_major_px'])
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(20, 20, 20, int(255 * float(row['opacity']))))
image.save(output, quality=92)
"""

ENLARGE = """
import sys
from PIL import Image
Image.open(sys.argv[1]).resize((3000, 4000), Image.BICUBIC).save(sys.argv[2], quality=92)
"""


def run(words):
    """Seconds of processor time and peak memory, MiB, of one run."""
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{words}: {errors.decode()}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def medians(commands, runs=RUNS):
    """Median time and memory of each command; all of them once in every round."""
    rounds = [[run(words) for words in commands] for _ in range(runs)]
    return [tuple(statistics.median(r[k][what] for r in rounds) for what in (0, 1)) for k in range(len(commands))]


def photo(folder, megapixels):
    """Path, width and height of a photo. It is made by a process of its own: a child's peak memory counts that of its parent."""
    path = os.path.join(folder, f"{megapixels}.jpg")
    if not os.path.exists(path):
        subprocess.run([sys.executable, __file__, "--photo", path, str(megapixels)], check=True)
    width = width_of(megapixels)
    return path, width, width * 3 // 4


def width_of(megapixels):
    return int((megapixels * 1e6 * 4 / 3) ** 0.5)


def make_photo(path, megapixels):
    """A photo of a head before a wall: an oval of skin with a gradient, blotches and grain; 4 to 3, as cameras have it."""
    width = width_of(megapixels)
    height = width * 3 // 4
    generator = random.Random(1)
    small = Image.effect_noise((200, 150), 30).filter(ImageFilter.GaussianBlur(3)).resize((width, height), Image.BICUBIC)
    grain = Image.frombytes("L", (512, 512), generator.randbytes(512 * 512)).point(lambda v: 120 + v // 20)
    tiles = Image.new("L", (width, height))
    for y in range(0, height, 512):
        for x in range(0, width, 512):
            tiles.paste(grain, (x, y))
    light = Image.blend(small, tiles, 0.5)
    skin = Image.merge("RGB", [light.point(lambda v, f=f: int(v * f)) for f in (1.5, 1.25, 1.1)])
    oval = Image.new("L", (width, height))
    ImageDraw.Draw(oval).ellipse((width // 20, height // 20, width * 19 // 20, height * 19 // 20), fill=255)
    wall = Image.new("RGB", (width, height), (150, 152, 155))
    Image.composite(skin, wall, oval.filter(ImageFilter.GaussianBlur(0.8))).save(path, quality=92)


def dots(folder, count, width, height):
    """Dots of 2.4 pixels, all over the photo."""
    generator = random.Random(count)
    path = os.path.join(folder, f"{count}-{width}.csv")
    with open(path, "w") as file:
        file.write("x_px,y_px,fwhm_major_px,fwhm_minor_px,angle_deg,opacity\n")
        for _ in range(count):
            x, y, angle, opacity = (generator.random() * most for most in (width, height, 180, 0.4))
            file.write(f"{x:.3f},{y:.3f},2.4,2.0,{angle:.1f},{0.3 + opacity:.3f}\n")
    return path


def composite(folder):
    print("| photo, megapixels | dots | `composite`, s | MiB | `vips copy`, s | Pillow, s | to vips | to Pillow |")
    print("|---|---|---|---|---|---|---|---|")
    script = os.path.join(folder, "discs.py")
    with open(script, "w") as file:
        file.write(PILLOW)
    sizes = [(megapixels, 100_000) for megapixels in MEGAPIXELS] + [(12, count) for count in DOTS if count != 100_000]
    for megapixels, count in sizes:
        source, width, height = photo(folder, megapixels)
        splats, output = dots(folder, count, width, height), os.path.join(folder, "out.jpg")
        commands = [[PROGRAM, "composite", source, "--splats", splats, "-o", output, "--force"]]
        has_vips, has_pillow = shutil.which("vips"), megapixels * 1e6 < Image.MAX_IMAGE_PIXELS
        if has_vips:
            commands.append(["vips", "copy", source, output + "[Q=92]"])
        if has_pillow:
            commands.append([sys.executable, script, source, splats, output])
        results = medians(commands)
        (own, memory), peers = results[0], [seconds for seconds, _ in results[1:]]
        vips = peers.pop(0) if has_vips else None
        pillow = peers.pop(0) if has_pillow else None

        def cell(value):
            return "-" if value is None else f"{value:.2f}"

        def ratio(peer):
            return "-" if peer is None else f"{own / peer:.2f}"

        row = [cell(own), f"{memory:.0f}", cell(vips), cell(pillow), ratio(vips), ratio(pillow)]
        print(f"| {megapixels} | {count:,} | " + " | ".join(row) + " |", flush=True)


def case(folder):
    """From photos to what the client takes home: the sample client's five views, scaled to 12 megapixels."""
    sample = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "assets", "sample", "light")
    with open(os.path.join(sample, "landmarks.json")) as file:
        landmarks = json.load(file)
    paths = []
    for view, points in landmarks["views"].items():
        path = os.path.join(folder, f"{view}.jpg")
        subprocess.run([sys.executable, "-c", ENLARGE, os.path.join(sample, f"{view}.jpg"), path], check=True)
        paths += ["--photo", f"{view}={path}"]
        for name, place in points.items():
            points[name] = [[2 * v for v in p] for p in place] if isinstance(place[0], list) else [2 * v for v in place]
    places = os.path.join(folder, "landmarks.json")
    with open(places, "w") as file:
        json.dump(landmarks, file)
    print(f"\n| {len(paths) // 2} views of 12 megapixels | s | MiB |\n|---|---|---|")
    client, out = os.path.join(folder, "client.scalp"), os.path.join(folder, "made")
    os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
    steps = [
        ("`new`", ["new", *paths, "--landmarks", places, "-o", client], 1),
        ("`render` of one view, the first time", ["render", client, "--view", "front", "-o", out + ".jpg", "--force"], 1),
        ("`render` of one view, later", ["render", client, "--view", "front", "-o", out + ".jpg", "--force"], RUNS),
        ("`info`", ["info", client], RUNS),
        ("`check`", ["check", client], RUNS),
        ("`export report`", ["export", client, "report", "-o", out + ".pdf", "--force"], 3),
        ("`export page`", ["export", client, "page", "-o", out + ".html", "--force"], 3),
        ("`export animation`", ["export", client, "animation", "-o", out + ".webp", "--force"], 3),
    ]
    for name, words, runs in steps:
        (seconds, memory), = medians([[PROGRAM, *words]], runs)
        print(f"| {name} | {seconds:.2f} | {memory:.0f} |", flush=True)


# Pillow refuses the largest photo.
Image.MAX_IMAGE_PIXELS = 110_000_000
if sys.argv[1:2] == ["--photo"]:
    make_photo(sys.argv[2], int(sys.argv[3]))
else:
    with tempfile.TemporaryDirectory() as folder:
        composite(folder)
        case(folder)
